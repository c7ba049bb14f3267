import type { Field } from '../../api/client';
import { capital, fieldName, ticketClass } from '../../words/ticket';

/** What a rule's field holds, which decides its operators and how a value is entered. */
export type Kind =
  | Field['type']
  | 'class'
  | 'kinds'
  | 'span'
  | 'weekday'
  | 'hour'
  | 'monthday'
  | 'monthweek'
  | 'flag'
  | 'decision';

/** A field that a rule can name. */
export interface Entry {
  name: string;
  label: string;
  kind: Kind;
  group: string;
  classes: string[];
  readOnly: boolean;
}

const groups = {
  type: 'Ticket type',
  ticket: 'Ticket',
  change: 'The change',
  time: 'Time',
  custom: 'Custom fields',
  steps: 'Earlier steps',
};

const own = (name: string, label: string, kind: Kind, group: string): Entry => ({
  name,
  label,
  kind,
  group,
  classes: [],
  readOnly: true,
});

/** What rules can ask besides the ticket's own fields. */
const pseudo: Entry[] = [
  own('ticket_type', 'Ticket Type', 'class', groups.type),
  own('change', 'Kind of change', 'kinds', groups.change),
  own('changed_by', 'Changed by', 'text', groups.change),
  own('changed_by_neo', 'Changed by Neo', 'boolean', groups.change),
  own('age', 'Age of the ticket', 'span', groups.time),
  own('since_last_update', 'Since last update', 'span', groups.time),
  own('since_customer_reply', 'Since customer reply', 'span', groups.time),
  own('weekday', 'Weekday', 'weekday', groups.time),
  own('hour', 'Hour of the day', 'hour', groups.time),
  own('day_of_month', 'Day of the month', 'monthday', groups.time),
  own('weekday_of_month', 'Weekday of the month', 'monthweek', groups.time),
  own('holiday', 'It is a holiday', 'flag', groups.time),
  own('business_hours', 'Inside business hours', 'flag', groups.time),
];

const order = Object.values(groups);

/** All fields that a rule can name, by name, in the order of the picker. */
export function entries(
  fields: Field[],
  steps: { name: string; label: string; kind?: Kind }[] = [],
): Map<string, Entry> {
  const all = new Map<string, Entry>(pseudo.map((e) => [e.name, e]));
  for (const f of [...fields].sort((a, b) => a.label.localeCompare(b.label))) {
    if (all.has(f.name)) continue;
    all.set(f.name, {
      name: f.name,
      label: f.label || fieldName(f.name),
      kind: f.type,
      group: f.custom ? groups.custom : groups.ticket,
      classes: f.classes ?? [],
      readOnly: f.read_only ?? false,
    });
  }
  for (const s of steps) all.set(s.name, own(s.name, s.label, s.kind ?? 'text', groups.steps));
  return new Map([...all].sort(([, a], [, b]) => order.indexOf(a.group) - order.indexOf(b.group)));
}

/** The field of that name; one that the instance does not tell of is taken for a text. */
export function entryOf(all: Map<string, Entry>, name: string): Entry {
  return all.get(name) ?? { ...own(name, fieldName(name), 'text', groups.ticket), readOnly: false };
}

/** For a grouped Select. Fields of one label are told apart by the classes that have them. */
export function grouped(all: Iterable<Entry>): { group: string; items: { value: string; label: string }[] }[] {
  const found = new Map<string, Entry[]>();
  for (const e of all) found.set(e.group, [...(found.get(e.group) ?? []), e]);
  return [...found].map(([group, list]) => ({
    group,
    items: list.map((e) => {
      const others = list.filter((o) => o !== e && o.label === e.label);
      const label = others.length === 0 ? e.label : `${e.label} (${apart(e, others)})`;
      return { value: e.name, label };
    }),
  }));
}

function apart(e: Entry, others: Entry[]): string {
  const classes = e.classes.join();
  if (classes === '' || others.some((o) => o.classes.join() === classes)) return e.name;
  return e.classes.map((c) => capital(ticketClass(c))).join(', ');
}

/** How many values an operator takes, or that it takes a span. */
export type Arity = 'none' | 'one' | 'many' | 'two' | 'span';

interface Operator {
  name: string;
  label: string;
  arity: Arity;
}

const operators: Record<string, Operator> = Object.fromEntries(
  (
    [
      ['=', 'is', 'one'],
      ['!=', 'is not', 'one'],
      ['in', 'is one of', 'many'],
      ['notIn', 'is none of', 'many'],
      ['contains', 'contains', 'one'],
      ['doesNotContain', 'does not contain', 'one'],
      ['containsAny', 'contains any of', 'many'],
      ['containsAll', 'contains all of', 'many'],
      ['beginsWith', 'starts with', 'one'],
      ['endsWith', 'ends with', 'one'],
      ['matches', 'matches the pattern', 'one'],
      ['null', 'is empty', 'none'],
      ['notNull', 'is not empty', 'none'],
      ['<', 'is less than', 'one'],
      ['<=', 'is at most', 'one'],
      ['>', 'is more than', 'one'],
      ['>=', 'is at least', 'one'],
      ['between', 'is between', 'two'],
      ['notBetween', 'is not between', 'two'],
      ['before', 'is before', 'one'],
      ['after', 'is after', 'one'],
      ['withinLast', 'is within the last', 'span'],
      ['notWithinLast', 'is not within the last', 'span'],
      ['withinNext', 'is within the next', 'span'],
      ['notWithinNext', 'is not within the next', 'span'],
      ['changed', 'has changed', 'none'],
      ['changedFrom', 'changed from', 'one'],
      ['changedTo', 'changed to', 'one'],
    ] as [string, string, Arity][]
  ).map(([name, label, arity]) => [name, { name, label, arity }]),
);

const empty = ['null', 'notNull'];
const changes = ['changed', 'changedFrom', 'changedTo'];
const sizes = ['=', '!=', '<', '<=', '>', '>=', 'between', 'notBetween'];
const times = [
  'withinLast',
  'notWithinLast',
  'withinNext',
  'notWithinNext',
  'before',
  'after',
  'between',
  'notBetween',
];
const texts = ['contains', 'doesNotContain', 'containsAny', 'containsAll', 'beginsWith', 'endsWith', 'matches'];

const operatorsOf: Record<Kind, string[]> = {
  class: ['in', 'notIn', '=', '!='],
  text: ['contains', '=', '!=', 'in', 'notIn', ...texts.slice(1), ...empty, ...changes],
  choice: ['in', 'notIn', '=', '!=', ...empty, ...changes],
  reference: ['in', 'notIn', '=', '!=', 'contains', 'doesNotContain', 'beginsWith', 'endsWith', ...empty, ...changes],
  number: [...sizes, 'in', 'notIn', ...empty, ...changes],
  boolean: ['=', '!=', ...empty, ...changes],
  time: [...times, '=', '!=', ...empty, ...changes],
  date: [...times, '=', '!=', ...empty, ...changes],
  duration: ['>', '>=', '<', '<=', 'between', 'notBetween', '=', '!=', ...empty, ...changes],
  currency: [...sizes, 'in', 'notIn', ...empty, ...changes],
  list: ['contains', 'doesNotContain', 'containsAny', 'containsAll', '=', '!=', ...empty, ...changes],
  journal: [...texts, ...empty, 'changed'],
  kinds: ['containsAny', 'containsAll', 'doesNotContain'],
  span: ['>', '>=', '<', '<=', 'between', 'notBetween', ...empty],
  weekday: ['in', 'notIn', '=', '!='],
  decision: ['=', '!=', 'in', 'notIn'],
  monthday: ['=', '!=', 'in', 'notIn', '<', '<=', '>', '>=', 'between', 'notBetween'],
  monthweek: ['in', 'notIn', '=', '!='],
  flag: ['=', '!='],
  hour: ['between', 'notBetween', '=', '!=', '<', '<=', '>', '>='],
};

/** The operators of a field, the usual one first. One that the field should not have, but has, is kept. */
export function operatorsFor(kind: Kind, present = ''): { value: string; label: string }[] {
  const names = operatorsOf[kind];
  const all = present && !names.includes(present) ? [...names, present] : names;
  return all.map((name) => ({ value: name, label: operators[name]?.label ?? name }));
}

export function arityOf(operator: string): Arity {
  return operators[operator]?.arity ?? 'one';
}
