import type { ActionSpec, Definition, Rule, TargetChange } from '../api/client';
import { capital, fieldName, list, ticketClass, withArticle } from './ticket';

/** When it fires, e.g. "When an incident is created". */
export function triggerWords(definition: Definition): string {
  const subject = withArticle(subjectOf(definition.conditions));
  const changes = definition.target_changes ?? [];
  if (changes.length === 0) return 'Never: no change is named';
  const parts = changes.map((change, i) => changeWords(change, i === 0 ? subject : 'it'));
  return `When ${parts.join(', or ')}`;
}

function changeWords(change: TargetChange, subject: string): string {
  switch (change.change_type) {
    case 'TICKET_CREATED':
      return `${subject} is created`;
    case 'FIELD_UPDATED': {
      if (!change.target_field) return `${subject} is updated`;
      const from = change.source_value == null ? '' : ` from ${valueWords(change.source_value)}`;
      const to = change.target_value == null ? '' : ` to ${valueWords(change.target_value)}`;
      const field = fieldName(change.target_field);
      const whose = subject === 'it' ? `its ${field}` : `the ${field} of ${subject}`;
      return change.target_value === ''
        ? `${whose} is emptied${from && `, ${from.trim()}`}`
        : `${whose} changes${from}${to}`;
    }
    default:
      return `${subject}: ${change.change_type}`;
  }
}

/** The kinds of tickets that the conditions leave, as a noun. */
function subjectOf(conditions: Rule | undefined): string {
  const leaf = ticketTypeLeaf(conditions);
  return leaf ? list(splitValues(leaf.value).map(ticketClass), 'or') : 'ticket';
}

/** The rule that the sentence about the trigger already tells. */
function ticketTypeLeaf(conditions: Rule | undefined): Rule | undefined {
  if (!conditions) return undefined;
  if (!conditions.combinator) return isTicketType(conditions) ? conditions : undefined;
  if (conditions.combinator !== 'and' || conditions.not) return undefined;
  const leaves = (conditions.rules ?? []).filter(isTicketType);
  return leaves.length === 1 ? leaves[0] : undefined;
}

function isTicketType(rule: Rule): boolean {
  return rule.field === 'ticket_type' && (rule.operator === '=' || rule.operator === 'in') && Boolean(rule.value);
}

function splitValues(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((v) => v.trim())
    .filter(Boolean);
}

function valueWords(value: string): string {
  return value === '' ? 'empty' : `“${value}”`;
}

const operators: Record<string, (value: string) => string> = {
  '=': (v) => (v === '' ? 'is empty' : `is ${valueWords(v)}`),
  '!=': (v) => (v === '' ? 'is not empty' : `is not ${valueWords(v)}`),
  in: (v) => `is ${list(splitValues(v).map(valueWords), 'or')}`,
  notIn: (v) => `is neither ${splitValues(v).map(valueWords).join(' nor ')}`,
  contains: (v) => `contains ${valueWords(v)}`,
  doesNotContain: (v) => `does not contain ${valueWords(v)}`,
  beginsWith: (v) => `begins with ${valueWords(v)}`,
  endsWith: (v) => `ends with ${valueWords(v)}`,
  null: () => 'is empty',
  notNull: () => 'is not empty',
  '<': (v) => `is less than ${valueWords(v)}`,
  '<=': (v) => `is at most ${valueWords(v)}`,
  '>': (v) => `is greater than ${valueWords(v)}`,
  '>=': (v) => `is at least ${valueWords(v)}`,
  changed: () => 'has changed',
};

export interface ConditionNode {
  /** A leaf: the whole condition. A group: how its members are joined. */
  text: string;
  members: ConditionNode[];
}

/** The conditions as an outline, without what the trigger already tells; null when nothing is left. */
export function conditionOutline(definition: Definition): ConditionNode | null {
  const { conditions } = definition;
  if (!conditions) return null;
  const told = ticketTypeLeaf(conditions);
  if (conditions === told) return null;
  const node = outline(conditions, told);
  const nothingLeft = conditions.combinator === 'and' && !conditions.not && node.text === 'Always';
  return nothingLeft ? null : node;
}

/** One comparison, e.g. "category is “network”". */
export function comparisonWords(field = '', operator = '', wanted = ''): string {
  const words = operators[operator]?.(wanted) ?? `${operator} ${valueWords(wanted)}`;
  return `${fieldName(field)} ${words}`;
}

/** How the rules of a group are joined. */
export function groupWords(combinator: string, not = false): string {
  const all = combinator === 'and';
  if (not) return all ? 'Not all of these are true' : 'None of these is true';
  return all ? 'All of these are true' : 'Any of these is true';
}

/** One change that starts a workflow, e.g. "The ticket is created". */
export function changeInWords(change: TargetChange): string {
  return capital(changeWords(change, 'the ticket'));
}

function outline(rule: Rule, told?: Rule): ConditionNode {
  if (!rule.combinator) return { text: comparisonWords(rule.field, rule.operator, rule.value), members: [] };
  const members = (rule.rules ?? []).filter((r) => r !== told).map((r) => outline(r));
  const all = rule.combinator === 'and';
  if (members.length === 1 && members[0] && !rule.not) return members[0];
  if (members.length === 0) return { text: all === !rule.not ? 'Always' : 'Never', members };
  return { text: groupWords(rule.combinator, rule.not), members };
}

/** The conditions in one line; "" when there are none besides the kind of ticket. */
export function conditionWords(definition: Definition): string {
  const { conditions } = definition;
  if (!conditions || !conditionOutline(definition)) return '';
  return sentence(conditions, ticketTypeLeaf(conditions), false);
}

function sentence(rule: Rule, told: Rule | undefined, nested: boolean): string {
  if (!rule.combinator) return outline(rule).text;
  const members = (rule.rules ?? []).filter((r) => r !== told);
  const parts = members.map((r) => sentence(r, undefined, members.length > 1));
  if (parts.length === 0) return outline(rule).text.toLowerCase();
  const joined = parts.join(` ${rule.combinator} `);
  if (rule.not) return `not (${joined})`;
  return nested && parts.length > 1 ? `(${joined})` : joined;
}

/** One action in words, e.g. "Assign to Network, Beth Anglin". */
export function actionWords(action: ActionSpec): string {
  const config = asRecord(action.config);
  switch (action.type) {
    case 'UPDATE_TICKET_FIELDS': {
      const fields = Object.entries(asRecord(config.fields));
      if (fields.length === 0) return 'Update nothing';
      const set = fields.filter(([, value]) => value !== '');
      const clear = fields.filter(([, value]) => value === '');
      const parts = [];
      if (set.length)
        parts.push(`set ${list(set.map(([field, value]) => `${fieldName(field)} to ${valueWords(String(value))}`))}`);
      if (clear.length) parts.push(`clear ${list(clear.map(([field]) => fieldName(field)))}`);
      return capital(parts.join(' and '));
    }
    case 'NOTIFY_CONTACT':
      return 'Email the ticket’s contact (sent via PSA)';
    case 'ADD_WORK_NOTE':
      return 'Add a work note';
    case 'ASSIGN_TICKET': {
      const to = [config.group, config.technician].filter(Boolean).map(String);
      return `Assign to ${to.length ? to.join(', ') : 'nobody'}`;
    }
    default:
      return actionName(action.type);
  }
}

/** The text of a work note that an action adds; "" for other actions. */
export function noteText(action: ActionSpec): string {
  const text = action.type === 'ADD_WORK_NOTE' ? asRecord(action.config).text : '';
  return typeof text === 'string' ? text : '';
}

const actionNames: Record<string, string> = {
  UPDATE_TICKET_FIELDS: 'Update ticket fields',
  ADD_WORK_NOTE: 'Add work note',
  NOTIFY_CONTACT: 'Notify ticket contact',
  ASSIGN_TICKET: 'Assign ticket',
};

/** An action's name, where only its type is known. */
export function actionName(type: string): string {
  return actionNames[type] ?? capital(type.toLowerCase().replaceAll('_', ' '));
}

/** All actions in one line, in their order. */
export function actionsSummary(definition: Definition): string {
  const actions = definition.actions ?? [];
  if (actions.length === 0) return 'Does nothing';
  return actions.map((a, i) => (i === 0 ? actionWords(a) : lowerFirst(actionWords(a)))).join(', then ');
}

function lowerFirst(text: string): string {
  return text ? text[0]?.toLowerCase() + text.slice(1) : text;
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
