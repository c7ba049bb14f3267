import type { ActionSpec, Rule } from '../../../api/client';
import { capital } from '../../../words/ticket';
import { actionWords, comparisonWords, groupWords } from '../../../words/workflow';

/** A place in a definition's JSON as a person finds it in the editor: "actions[1].config.text" is "Action 2: text". */
export function placeWords(path: string): string {
  const action = /^actions\[(\d+)\](?:\.(?:config\.)?(.+))?$/.exec(path);
  if (action) return `Action ${Number(action[1]) + 1}${action[2] ? `: ${plain(action[2])}` : ''}`;
  const change = /^target_changes\[(\d+)\](?:\.(.+))?$/.exec(path);
  if (change) return `Trigger ${Number(change[1]) + 1}${change[2] ? `: ${plain(change[2])}` : ''}`;
  if (path === 'conditions' || path.startsWith('conditions.')) {
    const numbers = [...path.matchAll(/rules\[(\d+)\]/g)].map((m) => Number(m[1]) + 1);
    const rest = /(?:^conditions|\])\.(\w+)$/.exec(path)?.[1];
    const of = numbers.length > 0 ? `Condition ${numbers.join('.')}` : 'Conditions';
    return rest && rest !== 'rules' ? `${of}: ${plain(rest)}` : of;
  }
  return capital(plain(path));
}

function plain(path: string): string {
  return path.replaceAll('_', ' ').replaceAll('.', ', ');
}

/** A part of a definition in words where there are some, and as it is written otherwise. */
export function partWords(value: unknown): { text: string; code: boolean } {
  if (typeof value === 'string') return { text: value, code: false };
  if (typeof value === 'boolean') return { text: value ? 'yes' : 'no', code: false };
  if (typeof value === 'object' && value !== null) {
    if ('type' in value && typeof value.type === 'string')
      return { text: actionWords(value as ActionSpec), code: false };
    if ('combinator' in value && typeof value.combinator === 'string') {
      const rule = value as Rule;
      return { text: groupWords(value.combinator, rule.not), code: false };
    }
    if ('field' in value && 'operator' in value) {
      const { field, operator, value: wanted } = value as Rule;
      return { text: capital(comparisonWords(field, operator, wanted)), code: false };
    }
  }
  return { text: JSON.stringify(value), code: typeof value === 'object' };
}
