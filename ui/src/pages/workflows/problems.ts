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

/** Settings by the labels that the forms give them, where that is not their own name. */
const settings: Record<string, Record<string, string>> = {
  '': {
    code: 'Close code',
    class: 'Type',
    within_days: 'Within days',
    for_minutes: 'Time to wait',
    until_rule: 'Rules',
    conditions: 'Rules',
    deadline_minutes: 'Deadline',
    on_deadline: 'At the deadline',
    on_reject: 'When rejected',
  },
  SEND_MESSAGE: { text: 'Message', body: 'Body' },
  ADD_WORK_NOTE: { text: 'Work note' },
  ADD_CLIENT_NOTE: { text: 'Note' },
  REQUEST_TECHNICIAN_APPROVAL: { text: 'Question' },
};

const ends: Record<string, string> = {
  target_field: 'field',
  source_value: 'from',
  target_value: 'to',
  field: 'field',
  operator: 'operator',
  value: 'value',
};

/** Where a mistake is, as a person would say it: "Action 2 · Send message: Endpoint". */
export function placeWords(path: string, draft: Draft): string {
  const head = /^[a-z_]+/.exec(path)?.[0] ?? '';
  const index = Number(/^[a-z_]+\[(\d+)\]/.exec(path)?.[1] ?? Number.NaN);
  if (head === 'actions' && !Number.isNaN(index)) {
    const action = draft.actions[index];
    if (!action) return `Action ${index + 1}`;
    const place = settingWords(path.replace(/^actions\[\d+\]\.?/, ''), action.type);
    return `Action ${index + 1} · ${actionName(action.type)}${place && `: ${place}`}`;
  }
  if (head === 'target_changes' && !Number.isNaN(index)) {
    const end = ends[/\.([a-z_]+)$/.exec(path)?.[1] ?? ''];
    return `Trigger · Change ${index + 1}${end ? `: ${end}` : ''}`;
  }
  if (head === 'conditions') {
    const rule = ruleWords(path);
    return rule ? `Rules · ${rule}` : 'Rules';
  }
  return places[head] ?? (head ? `Options, ${fieldName(head).toLowerCase()}` : 'Workflow');
}

/** A setting of an action: "Endpoint", "Shift 1, technicians", "Rule 2: value". */
function settingWords(path: string, type: string): string {
  if (path === 'name') return 'Step name';
  if (path === 'type') return 'Type';
  const [key = '', ...rest] = path.replace(/^config\.?/, '').split('.');
  const [, name = '', number] = /^([a-z_]+)(?:\[(\d+)\])?/.exec(key) ?? [];
  if (!name) return '';
  if (name === 'fields' && rest[0]) return fieldName(rest[0]);
  if (name === 'shifts' && number) {
    const part = /^[a-z_]+/.exec(rest[0] ?? '')?.[0];
    return `Shift ${Number(number) + 1}${part ? `, ${part}` : ''}`;
  }
  const label = settings[type]?.[name] ?? settings['']?.[name] ?? fieldName(name);
  if (name === 'conditions' || name === 'until_rule') return ruleWords(path) || label;
  return number ? `${label}, ${Number(number) + 1}` : label;
}

/** A rule by its numbers: "Rule 2.1: value"; "" for all rules together. */
function ruleWords(path: string): string {
  const numbers = [...path.matchAll(/rules\[(\d+)\]/g)].map((m) => Number(m[1]) + 1);
  const end = ends[/\.([a-z_]+)$/.exec(path)?.[1] ?? ''];
  if (numbers.length === 0) return '';
  return `Rule ${numbers.join('.')}${end ? `: ${end}` : ''}`;
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
