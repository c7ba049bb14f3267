import type { ActionSpec, Definition, Rule, TargetChange } from '../api/client';
import { actionKinds, changeKinds, monthWeekdays, weekdays } from './action';
import { capital, fieldName, list, ticketClass, withArticle } from './ticket';
import { minuteWords, relativeTimes, spanWords, splitRange, splitValues } from './values';

/** Finds the name of a stored value, where somebody knows it. */
export type Names = (field: string, value: string) => string | undefined;

/** When it fires, e.g. "When an incident is created". */
export function triggerWords(definition: Definition, names?: Names, brief = false): string {
  const type: string = definition.trigger_type;
  if (type === 'NONE') return 'Only on request';
  if (type === 'SCHEDULED') return scheduleWords(definition.schedule, subjectOf(definition.conditions));
  const subject = withArticle(subjectOf(definition.conditions));
  const changes = definition.target_changes ?? [];
  if (changes.length === 0) return 'Never: no change is named';
  const parts = changes.map((change, i) => changeWords(change, i === 0 ? subject : 'it', names, brief));
  return `When ${parts.join(', or ')}`;
}

function scheduleWords(schedule: Definition['schedule'], subject: string): string {
  if (!schedule) return 'Never: no schedule is set';
  const each = `, for each ${subject} that matches`;
  const { every, count = 1, at = '', cron = '', days, day, week, time_zone: zone } = schedule;
  const named = (days ?? []).map((d) => weekdays.find((w) => w.value === d)?.label ?? d);
  const where = zone ? ` (${zone})` : '';
  switch (every) {
    case 'MINUTES':
      return `Every ${count === 1 ? 'minute' : `${count} minutes`}${each}`;
    case 'HOURS':
      return `Every ${count === 1 ? 'hour' : `${count} hours`}${each}`;
    case 'DAY':
      return `Every day at ${at}${where}${each}`;
    case 'WEEKDAYS':
      return `On ${named.length ? list(named) : 'Monday to Friday'} at ${at}${where}${each}`;
    case 'MONTH': {
      const on = week
        ? `the ${monthWeeks[week] ?? week} ${list(named)}`
        : day === -1
          ? 'the last day'
          : `day ${day ?? '?'}`;
      return `On ${on} of each month at ${at}${where}${each}`;
    }
    default:
      return `By the schedule “${cron}”${where}${each}`;
  }
}

/** Minutes of the business hours, e.g. "4 working hours". They are no days: those have other lengths. */
function workingWords(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (!hours) return `${rest} working ${rest === 1 ? 'minute' : 'minutes'}`;
  return `${hours} working ${hours === 1 ? 'hour' : 'hours'}${rest ? ` ${rest} minutes` : ''}`;
}

/** The weeks of a month, by number. */
export const monthWeeks: Record<number, string> = {
  1: 'first',
  2: 'second',
  3: 'third',
  4: 'fourth',
  5: 'fifth',
  [-1]: 'last',
};

const happenings: Record<string, (subject: string, whose: (noun: string) => string) => string> = {
  TICKET_CREATED: (s) => `${s} is created`,
  ASSIGNED: (s) => `${s} is assigned`,
  UNASSIGNED: (s) => `the technician is taken off ${s}`,
  PRIORITY_RAISED: (_, whose) => `${whose('priority')} is raised`,
  CUSTOMER_REPLIED: (s) => `the customer replies to ${s}`,
  WORK_NOTE_ADDED: (s) => `a work note is added to ${s}`,
  RESOLVED: (s) => `${s} is resolved`,
  CLOSED: (s) => `${s} is closed or cancelled`,
  REOPENED: (s) => `${s} is reopened`,
  APPROVAL_CHANGED: (_, whose) => `${whose('approval')} changes`,
  PARENT_CHANGED: (_, whose) => `${whose('parent')} changes`,
  SLA_CHANGED: (_, whose) => `${whose('SLA')} changes`,
};

function changeWords(change: TargetChange, subject: string, names?: Names, brief = false): string {
  const whose = (noun: string) => (subject === 'it' ? `its ${noun}` : `the ${noun} of ${subject}`);
  const ofState = change.change_type === 'STATE_CHANGED';
  if (!ofState && change.change_type !== 'FIELD_UPDATED') {
    return happenings[change.change_type]?.(subject, whose) ?? `${subject}: ${change.change_type}`;
  }
  const field = ofState ? 'state' : change.target_field;
  if (!field) return `${subject} is updated`;
  const end = (value: string) => valueWords(value, field, names);
  const from = change.source_value == null ? '' : ` from ${end(change.source_value)}`;
  const to = change.target_value == null ? '' : ` to ${end(change.target_value)}`;
  const noun = whose(ofState ? 'state' : fieldName(field));
  if (brief) return `${noun} changes`;
  return change.target_value === '' ? `${noun} is emptied${from && `, ${from.trim()}`}` : `${noun} changes${from}${to}`;
}

/** What limits or delays it, besides the trigger; one line each. */
export function optionWords(definition: Definition): string[] {
  const d = definition;
  const lines: string[] = [];
  if (d.shadow) lines.push('Shadow mode: it only records what it would do');
  if (d.run_only_once_per_entity) lines.push('Once per ticket, ever');
  if (d.business_hours === 'INSIDE') lines.push('Only in business hours');
  if (d.business_hours === 'OUTSIDE') lines.push('Only outside business hours');
  if (d.delay_seconds) {
    const wait = d.delay_seconds % 60 ? `${d.delay_seconds} seconds` : minuteWords(d.delay_seconds / 60);
    lines.push(`${wait} later`);
  }
  if (d.process_entities_sequentially) lines.push('One ticket after the other');
  if (d.ignore_execution_order === false) lines.push(`In order, as number ${d.execution_order ?? 0}`);
  if (d.trigger_on_own_changes) lines.push('Also by Neo’s own changes');
  if (d.pause_after_failures) lines.push(`Paused after ${d.pause_after_failures} failures in a row`);
  return lines;
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

function valueWords(value: string, field = '', names?: Names): string {
  if (value === '') return 'empty';
  return `“${names?.(field, value) ?? fixedWords(field, value) ?? value}”`;
}

/** Values that mean the same in every instance. */
function fixedWords(field: string, value: string): string | undefined {
  switch (field) {
    case 'ticket_type':
      return ticketClass(value);
    case 'change':
      return changeKinds.find((k) => k.value === value)?.label;
    case 'weekday':
      return weekdays.find((d) => d.value === value)?.label;
    case 'weekday_of_month':
      return monthWeekdays.find((d) => d.value === value)?.label;
    case 'holiday':
    case 'business_hours':
      return value === 'true' ? 'yes' : 'no';
    default: {
      // "incident:3": the stored value of one class.
      const match = /^(incident|sc_request|sc_req_item|sc_task|change_request|problem):([\w.-]+)$/.exec(value);
      return match ? `${match[2]} (${ticketClass(match[1] ?? '')})` : undefined;
    }
  }
}

/** Fields that are lengths of time. */
const spans = new Set(['age', 'since_last_update', 'since_customer_reply']);

/** Operators that compare a time with another, which may be told by its place to now. */
const ordered = new Set(['<', '<=', '>', '>=', 'between', 'notBetween', 'before', 'after']);

type Words = (value: string) => string;

const operators: Record<string, (value: string, words: Words) => string> = {
  '=': (v, w) => (v === '' ? 'is empty' : `is ${w(v)}`),
  '!=': (v, w) => (v === '' ? 'is not empty' : `is not ${w(v)}`),
  in: (v, w) => `is ${list(splitValues(v).map(w), 'or') || '…'}`,
  notIn: (v, w) => {
    const members = splitValues(v).map(w);
    return members.length === 1 ? `is not ${members[0]}` : `is neither ${members.join(' nor ')}`;
  },
  contains: (v, w) => `contains ${w(v)}`,
  doesNotContain: (v, w) => `does not contain ${w(v)}`,
  containsAny: (v, w) => `contains ${list(splitValues(v).map(w), 'or')}`,
  containsAll: (v, w) => `contains ${list(splitValues(v).map(w))}`,
  beginsWith: (v, w) => `begins with ${w(v)}`,
  endsWith: (v, w) => `ends with ${w(v)}`,
  matches: (v, w) => `matches the pattern ${w(v)}`,
  null: () => 'is empty',
  notNull: () => 'is not empty',
  '<': (v, w) => `is less than ${w(v)}`,
  '<=': (v, w) => `is at most ${w(v)}`,
  '>': (v, w) => `is greater than ${w(v)}`,
  '>=': (v, w) => `is at least ${w(v)}`,
  between: (v, w) => `is between ${splitRange(v).map(w).join(' and ')}`,
  notBetween: (v, w) => `is not between ${splitRange(v).map(w).join(' and ')}`,
  before: (v, w) => `is before ${w(v)}`,
  after: (v, w) => `is after ${w(v)}`,
  withinLast: (v) => `is within the last ${spanWords(v)}`,
  notWithinLast: (v) => `is not within the last ${spanWords(v)}`,
  withinNext: (v) => `is within the next ${spanWords(v)}`,
  notWithinNext: (v) => `is not within the next ${spanWords(v)}`,
  changed: () => 'has changed',
  changedFrom: (v, w) => `changed from ${w(v)}`,
  changedTo: (v, w) => `changed to ${w(v)}`,
};

export interface ConditionNode {
  /** A leaf: the whole condition. A group: how its members are joined. */
  text: string;
  members: ConditionNode[];
}

/** The conditions as an outline, without what the trigger already tells; null when nothing is left. */
export function conditionOutline(definition: Definition, names?: Names): ConditionNode | null {
  const { conditions } = definition;
  if (!conditions) return null;
  const told = ticketTypeLeaf(conditions);
  if (conditions === told) return null;
  const node = outline(conditions, told, names);
  const nothingLeft = conditions.combinator === 'and' && !conditions.not && node.text === 'Always';
  return nothingLeft ? null : node;
}

/** One comparison, e.g. "category is “network”". */
export function comparisonWords(field = '', operator = '', wanted = '', names?: Names): string {
  const span = spans.has(field);
  const one: Words = (value) => {
    if (span) return spanWords(value);
    return ordered.has(operator) && relativeTimes.has(value) ? value : valueWords(value, field, names);
  };
  const told = operators[operator]?.(wanted, one) ?? `${operator} ${one(wanted)}`;
  const words = span ? told.replace('is greater than', 'is more than') : told;
  if (!field) return 'An unfinished rule';
  const step = /^steps\.([^.]+)\.(.+)$/.exec(field);
  return `${step ? `${fieldName(step[2] ?? '')} of step “${step[1]}”` : fieldName(field)} ${words}`;
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

function outline(rule: Rule, told?: Rule, names?: Names): ConditionNode {
  if (!rule.combinator) return { text: comparisonWords(rule.field, rule.operator, rule.value, names), members: [] };
  const members = (rule.rules ?? []).filter((r) => r !== told).map((r) => outline(r, undefined, names));
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

function sentence(rule: Rule, told: Rule | undefined, nested: boolean, names?: Names): string {
  if (!rule.combinator) return outline(rule, undefined, names).text;
  const members = (rule.rules ?? []).filter((r) => r !== told);
  const parts = members.map((r) => sentence(r, undefined, members.length > 1, names));
  if (parts.length === 0) return outline(rule).text.toLowerCase();
  const joined = parts.join(` ${rule.combinator} `);
  if (rule.not) return `not (${joined})`;
  return nested && parts.length > 1 ? `(${joined})` : joined;
}

/** One action in words, e.g. "Assign to Network, Beth Anglin". */
export function actionWords(action: ActionSpec, names?: Names): string {
  const config = asRecord(action.config);
  const text = (key: string) => (config[key] ? String(config[key]) : '');
  const number = (key: string) => Number(config[key]) || 0;
  switch (action.type) {
    case 'UPDATE_TICKET_FIELDS': {
      const fields = Object.entries(asRecord(config.fields));
      if (fields.length === 0) return 'Update nothing';
      const set = fields.filter(([, value]) => value !== '');
      const clear = fields.filter(([, value]) => value === '');
      const parts = [];
      if (set.length)
        parts.push(
          `set ${list(set.map(([field, value]) => `${fieldName(field)} to ${valueWords(String(value), field, names)}`))}`,
        );
      if (clear.length) parts.push(`clear ${list(clear.map(([field]) => fieldName(field)))}`);
      return capital(parts.join(' and '));
    }
    case 'NOTIFY_CONTACT':
      if (config.mode === 'TICKET_NOTE') return 'Notify the ticket’s contact by a note';
      if (config.mode === 'TIME_ENTRY') return 'Notify the ticket’s contact by a time entry';
      return 'Email the ticket’s contact (sent via PSA)';
    case 'ADD_WORK_NOTE':
      return 'Add a work note';
    case 'ADD_CLIENT_NOTE':
      return 'Add a client-facing note';
    case 'ASSIGN_TICKET': {
      const who = {
        LEAST_OPEN: 'whoever has the fewest open tickets',
        ROUND_ROBIN: 'its members in turn',
        ON_SHIFT: 'whoever is on shift',
      }[text('strategy')];
      const to = [text('group'), who ?? text('technician')].filter(Boolean);
      return `Assign to ${to.length ? to.join(', ') : 'nobody'}`;
    }
    case 'LOG_TIME_ENTRY':
      return `Log ${minuteWords(number('minutes'))} of work`;
    case 'RESOLVE_TICKET':
      return text('code') ? `Resolve as ${valueWords(text('code'), 'close_code', names)}` : 'Resolve the ticket';
    case 'CLOSE_TICKET':
      return 'Close the ticket';
    case 'REOPEN_TICKET':
      return 'Reopen the ticket';
    case 'CREATE_TICKET':
      return `Create ${withArticle(ticketClass(text('class')) || 'ticket')}${config.link === true ? ', linked to this ticket' : ''}`;
    case 'LINK_DUPLICATE':
      return `Link to a ticket of the last ${spanWords(`${number('within_days')}d`)} that is ${number('similarity')} % similar`;
    case 'SEND_MESSAGE':
      return `Send a message${text('endpoint') ? ` to ${text('endpoint')}` : ''}`;
    case 'REQUEST_TECHNICIAN_APPROVAL':
      return number('deadline_minutes')
        ? `Ask a technician for approval, within ${minuteWords(number('deadline_minutes'))}`
        : 'Ask a technician for approval';
    case 'WAIT': {
      const working = number('for_working_minutes');
      const minutes = working || number('for_minutes');
      const longest = minutes ? `${working ? workingWords(working) : minuteWords(minutes)}` : '';
      if (config.until_rule) {
        const until = `Wait until ${ruleWords(config.until_rule as Rule, names)}`;
        return longest ? `${until}, at most ${longest}` : until;
      }
      if (config.until_business_hours) return 'Wait until business hours';
      return longest ? `Wait ${longest}` : 'Wait';
    }
    case 'CONTINUE_IF':
      return config.conditions
        ? `Only continue if ${ruleWords(config.conditions as Rule, names)}`
        : 'Only continue if …';
    case 'RUN_WORKFLOW':
      return text('workflow')
        ? `Run the workflow ${names?.('workflow', text('workflow')) ?? text('workflow')}`
        : 'Run another workflow';
    default:
      return actionName(action.type);
  }
}

/** A rule in the middle of a sentence. */
function ruleWords(rule: Rule, names?: Names): string {
  return sentence(rule, undefined, false, names) || '…';
}

/** The text of a note that an action adds; "" for other actions. */
export function noteText(action: ActionSpec): string {
  const config = asRecord(action.config);
  const withText = ['ADD_WORK_NOTE', 'ADD_CLIENT_NOTE', 'SEND_MESSAGE', 'REQUEST_TECHNICIAN_APPROVAL'];
  const text = withText.includes(action.type) ? config.text : '';
  return typeof text === 'string' ? text : '';
}

/** An action's name, where only its type is known. */
export function actionName(type: string): string {
  return actionKinds.find((k) => k.type === type)?.label ?? capital(type.toLowerCase().replaceAll('_', ' '));
}

/** All actions in one line, in their order. */
export function actionsSummary(definition: Definition): string {
  return inOrder((definition.actions ?? []).map((a) => actionWords(a)));
}

/** The same where there is little room: without values, and only the first few. */
export function briefSummary(definition: Definition, most = 4): string {
  const actions = definition.actions ?? [];
  const words = inOrder(actions.slice(0, most).map(briefly));
  return actions.length > most ? `${words}, and ${actions.length - most} more` : words;
}

function briefly(action: ActionSpec): string {
  if (action.type === 'UPDATE_TICKET_FIELDS') {
    const fields = Object.keys(asRecord(asRecord(action.config).fields)).map(fieldName);
    return fields.length > 0 ? `Update ${list(fields)}` : 'Update nothing';
  }
  const unnamed = ['CONTINUE_IF', 'WAIT', 'RUN_WORKFLOW'].includes(action.type);
  const config = asRecord(action.config);
  return unnamed && !config.for_minutes ? actionName(action.type) : actionWords(action);
}

function inOrder(actions: string[]): string {
  if (actions.length === 0) return 'Does nothing';
  return actions.map((words, i) => (i === 0 ? words : lowerFirst(words))).join(', then ');
}

export function lowerFirst(text: string): string {
  return text ? text[0]?.toLowerCase() + text.slice(1) : text;
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
