import type { Value } from '../api/client';

const classes: Record<string, string> = {
  incident: 'incident',
  sc_request: 'request',
  sc_req_item: 'request item',
  sc_task: 'catalog task',
  change_request: 'change request',
  problem: 'problem',
};

/** The kind of a ticket in the middle of a sentence. */
export function ticketClass(name: string): string {
  return classes[name] ?? name.replaceAll('_', ' ');
}

const fields: Record<string, string> = {
  ticket_type: 'Ticket type',
  changed_by: 'Changed by',
  changed_by_neo: 'Changed by Neo',
  change: 'Kind of change',
  sys_id: 'Record ID',
  sys_class_name: 'Ticket type',
  sys_created_by: 'Created by',
  sys_created_on: 'Created',
  sys_updated_by: 'Updated by',
  sys_updated_on: 'Updated',
  sys_mod_count: 'Updates',
  caller_id: 'Caller',
  cmdb_ci: 'Configuration item',
  cat_item: 'Catalog item',
  work_notes: 'Work notes',
  comments: 'Customer comments',
  closed_at: 'Closed',
  opened_at: 'Opened',
  resolved_at: 'Resolved',
};

/** A field's name as a person would write it. */
export function fieldName(field: string): string {
  const known = fields[field];
  if (known) return known;
  const words = field.replace(/^u_/, '').replaceAll(/[_.]+/g, ' ').trim();
  return words ? words[0]?.toUpperCase() + words.slice(1) : field;
}

/** The text that the ticket system shows for a value; "" when it is empty. */
export function shown(value: Value | undefined): string {
  return value?.display || value?.value || '';
}

/** Whether two values differ, as the ticket system stores them. */
export function differs(a: Value | undefined, b: Value | undefined): boolean {
  return (a?.value ?? '') !== (b?.value ?? '');
}

/** "a, b and c" */
export function list(words: string[], joiner: 'and' | 'or' = 'and'): string {
  if (words.length <= 1) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} ${joiner} ${words.at(-1)}`;
}

export function withArticle(noun: string): string {
  return `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`;
}

export function capital(text: string): string {
  return text ? text[0]?.toUpperCase() + text.slice(1) : text;
}
