import type { Mistake } from '../../api/client';
import { fieldName } from '../../words/ticket';
import { actionName } from '../../words/workflow';
import type { Draft } from './definition';

const places: Record<string, string> = {
  name: 'Name',
  description: 'Description',
  trigger_type: 'Trigger',
  target_changes: 'Trigger',
  schedule: 'Schedule',
  conditions: 'Rules',
  actions: 'Actions',
};

/** Where a mistake is, as a person would say it: "Step 2, Assign ticket". */
export function placeWords(path: string, draft: Draft): string {
  const head = /^[a-z_]+/.exec(path)?.[0] ?? '';
  const index = Number(/^[a-z_]+\[(\d+)\]/.exec(path)?.[1] ?? Number.NaN);
  if (head === 'actions' && !Number.isNaN(index)) {
    const action = draft.actions[index];
    return action ? `Step ${index + 1}, ${actionName(action.type)}` : `Step ${index + 1}`;
  }
  if (head === 'target_changes' && !Number.isNaN(index)) return `Trigger, change ${index + 1}`;
  if (head === 'conditions') {
    const numbers = [...path.matchAll(/rules\[(\d+)\]/g)].map((m) => Number(m[1]) + 1);
    return numbers.length ? `Rules, rule ${numbers.join('.')}` : 'Rules';
  }
  return places[head] ?? (head ? `Options, ${fieldName(head).toLowerCase()}` : 'Workflow');
}

/** The mistakes with their places, each told once. */
export function listed(mistakes: Mistake[], draft: Draft): { path: string; place: string; message: string }[] {
  const seen = new Set<string>();
  return mistakes.flatMap((m) => {
    const key = `${m.path} ${m.message}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ ...m, place: placeWords(m.path, draft) }];
  });
}
