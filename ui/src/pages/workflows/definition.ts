import type { ActionSpec, Definition, Rule, TargetChange } from '../../api/client';

/** Everything that a schedule may have; which of it counts depends on `every`. */
export interface Schedule {
  every: 'MINUTES' | 'HOURS' | 'DAY' | 'WEEKDAYS' | 'MONTH' | 'CRON';
  count?: number;
  at?: string;
  days?: string[] | null;
  /** Of the month: 1 to 31, or -1 for the last. */
  day?: number;
  /** Which weekday of the month: 1 for the first, to 5, or -1 for the last. */
  week?: number;
  cron?: string;
  time_zone?: string;
}

export type TriggerType = 'TRIGGERED' | 'SCHEDULED' | 'NONE';

/** A definition's settings besides trigger, rules and actions. */
export interface Options {
  run_only_once_per_entity: boolean;
  process_entities_sequentially: boolean;
  execution_order: number;
  ignore_execution_order: boolean;
  delay_seconds: number;
  business_hours: '' | 'INSIDE' | 'OUTSIDE';
  pause_after_failures: number;
  shadow: boolean;
  trigger_on_own_changes: boolean;
}

const optionDefaults: Options = {
  run_only_once_per_entity: false,
  process_entities_sequentially: false,
  execution_order: 0,
  ignore_execution_order: true,
  delay_seconds: 0,
  business_hours: '',
  pause_after_failures: 0,
  shadow: false,
  trigger_on_own_changes: false,
};

/** Members of lists have an identity while they are edited, so that they can move. */
export interface DraftChange extends TargetChange {
  id: string;
}

export interface DraftLeaf {
  id: string;
  field: string;
  operator: string;
  value: string;
}

export interface DraftGroup {
  id: string;
  combinator: 'and' | 'or';
  not: boolean;
  rules: DraftRule[];
}

export type DraftRule = DraftLeaf | DraftGroup;

export interface DraftAction {
  id: string;
  type: string;
  name: string;
  config: Config;
}

export type Config = Record<string, unknown>;

/** A definition as the editor's form holds it. `rest` is what the form does not know; it is kept. */
export interface Draft {
  name: string;
  description: string;
  trigger: TriggerType;
  changes: DraftChange[];
  schedule: Schedule;
  conditions: DraftGroup;
  actions: DraftAction[];
  options: Options;
  rest: Record<string, unknown>;
}

let ids = 0;

/** A name for a member of a list, unique while the page lives. */
export function newId(): string {
  ids += 1;
  return `n${ids}`;
}

export const isGroup = (rule: DraftRule): rule is DraftGroup => 'combinator' in rule;

export const emptyGroup = (): DraftGroup => ({ id: newId(), combinator: 'and', not: false, rules: [] });

export const emptyLeaf = (field = ''): DraftLeaf => ({ id: newId(), field, operator: '', value: '' });

/** What a new workflow starts from without a template. */
export const emptyDefinition: Definition = {
  name: '',
  trigger_type: 'TRIGGERED',
  target_changes: [{ change_type: 'TICKET_CREATED' }],
  actions: [],
} as Definition;

const known = new Set([
  'name',
  'description',
  'trigger_type',
  'target_changes',
  'schedule',
  'conditions',
  'actions',
  ...Object.keys(optionDefaults),
]);

/** Settings of actions that hold a rule. */
const ruleKeys: Record<string, string> = { WAIT: 'until_rule', CONTINUE_IF: 'conditions' };

/** Reads a definition into the form. It must be well-formed, as `parse` makes sure. */
export function toDraft(definition: Definition): Draft {
  const all = definition as unknown as Record<string, unknown>;
  const trigger = all.trigger_type;
  return {
    name: definition.name ?? '',
    description: definition.description ?? '',
    trigger: trigger === 'SCHEDULED' || trigger === 'NONE' ? trigger : 'TRIGGERED',
    changes: (definition.target_changes ?? []).map((change) => ({ ...change, id: newId() })),
    schedule: { ...((all.schedule as Schedule | undefined) ?? { every: 'DAY', at: '08:00' }) },
    conditions: toGroup(definition.conditions),
    actions: (definition.actions ?? []).map(toDraftAction),
    options: optionsOf(all),
    rest: Object.fromEntries(Object.entries(all).filter(([key]) => !known.has(key))),
  };
}

function optionsOf(all: Record<string, unknown>): Options {
  const options: Record<string, unknown> = { ...optionDefaults };
  for (const key of Object.keys(optionDefaults)) {
    if (all[key] !== undefined && all[key] !== null) options[key] = all[key];
  }
  return options as unknown as Options;
}

export function toDraftAction(spec: ActionSpec): DraftAction {
  const { type, name, config } = spec as ActionSpec & { name?: string };
  const held: Config = { ...((config as Config | null | undefined) ?? {}) };
  const key = ruleKeys[type];
  if (key && held[key]) held[key] = toGroup(held[key] as Rule);
  return { id: newId(), type, name: name ?? '', config: held };
}

/** A rule as a group of the form; a single comparison is a group of one. */
export function toGroup(rule: Rule | null | undefined): DraftGroup {
  if (!rule) return emptyGroup();
  const draft = toDraftRule(rule);
  return isGroup(draft) ? draft : { ...emptyGroup(), rules: [draft] };
}

function toDraftRule(rule: Rule): DraftRule {
  if (!rule.combinator) {
    return { id: newId(), field: rule.field ?? '', operator: rule.operator ?? '', value: rule.value ?? '' };
  }
  return {
    id: newId(),
    combinator: rule.combinator === 'or' ? 'or' : 'and',
    not: rule.not ?? false,
    rules: (rule.rules ?? []).map(toDraftRule),
  };
}

/** Writes the form down. What is as by default is left out, as the server does. */
export function toDefinition(draft: Draft): Definition {
  const d: Record<string, unknown> = { name: draft.name };
  if (draft.description) d.description = draft.description;
  d.trigger_type = draft.trigger;
  if (draft.trigger === 'TRIGGERED') d.target_changes = draft.changes.map(({ id: _, ...change }) => change);
  if (draft.trigger === 'SCHEDULED') d.schedule = scheduleOf(draft.schedule);
  if (!matchesAlways(draft.conditions)) d.conditions = toRule(draft.conditions);
  d.actions = draft.actions.map(toSpec);
  for (const [key, value] of Object.entries(draft.options)) {
    if (value !== optionDefaults[key as keyof Options]) d[key] = value;
  }
  return { ...d, ...draft.rest } as unknown as Definition;
}

/** Whether a group has nothing to say. */
export function matchesAlways(group: DraftGroup): boolean {
  return group.rules.length === 0 && group.combinator === 'and' && !group.not;
}

function scheduleOf(s: Schedule): Schedule {
  const zone = s.time_zone ? { time_zone: s.time_zone } : {};
  switch (s.every) {
    case 'MINUTES':
    case 'HOURS':
      return { every: s.every, count: s.count ?? 1, ...zone };
    case 'DAY':
      return { every: s.every, at: s.at ?? '', ...zone };
    case 'WEEKDAYS':
      return { every: s.every, at: s.at ?? '', ...(s.days?.length ? { days: s.days } : {}), ...zone };
    case 'MONTH':
      return s.week
        ? { every: s.every, at: s.at ?? '', week: s.week, ...(s.days?.length ? { days: s.days } : {}), ...zone }
        : { every: s.every, at: s.at ?? '', ...(s.day ? { day: s.day } : {}), ...zone };
    default:
      return { every: s.every, cron: s.cron ?? '', ...zone };
  }
}

export function toSpec(action: DraftAction): ActionSpec {
  const config = { ...action.config };
  const key = ruleKeys[action.type];
  if (key && config[key]) config[key] = toRule(config[key] as DraftGroup);
  return { type: action.type, ...(action.name ? { name: action.name } : {}), config } as ActionSpec;
}

export function toRule(rule: DraftRule): Rule {
  if (isGroup(rule)) {
    return { combinator: rule.combinator, ...(rule.not ? { not: true } : {}), rules: rule.rules.map(toRule) };
  }
  const { field, operator, value } = rule;
  return { field, operator, ...(value === '' ? {} : { value }) };
}

/** The same with other identities, for a list that has the original too. */
export function copyOf<T extends DraftAction | DraftRule>(member: T): T {
  if ('config' in member) return { ...toDraftAction(toSpec(member)), name: '' } as T;
  return toDraftRule(toRule(member as DraftRule)) as T;
}

/** A list with one member moved; the same list when there is nowhere to go. */
export function moved<T>(list: T[], from: number, to: number): T[] {
  if (from === to || from < 0 || to < 0 || from >= list.length || to >= list.length) return list;
  const copy = [...list];
  const [member] = copy.splice(from, 1);
  copy.splice(to, 0, member as T);
  return copy;
}

export function pretty(definition: Definition): string {
  return JSON.stringify(definition, null, 2);
}

/** One text per meaning: what tells whether a draft differs from what is saved. */
export function canonical(definition: Definition): string {
  return JSON.stringify(toDefinition(toDraft(definition)));
}

export type Parsed = { definition: Definition; error?: undefined } | { definition?: undefined; error: string };

/** Reads what was typed. What the definition means is judged by the server alone. */
export function parse(text: string): Parsed {
  if (!text.trim()) return { error: 'There is nothing here yet. Paste a workflow’s JSON.' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { error: `This is not valid JSON: ${where(text, error)}` };
  }
  if (!isRecord(value)) return { error: 'A workflow is one JSON object: it begins with { and ends with }.' };
  const error = misshapen(value);
  return error ? { error } : { definition: value as Definition };
}

/** Browsers say where JSON is wrong in several ways; people look for a line. */
function where(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const position = /position (\d+)/.exec(message);
  const reason = message.replace(/ in JSON at position.*/, '').replace(/^JSON\.parse: /, '');
  if (!position) return message;
  const before = text.slice(0, Number(position[1])).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${reason}.`;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Says what has another shape than the form can hold; "" when nothing has. */
function misshapen(d: Record<string, unknown>): string {
  for (const key of ['name', 'description', 'trigger_type']) {
    if (d[key] != null && typeof d[key] !== 'string') return `${key} must be a text.`;
  }
  if (d.trigger_type != null && !['TRIGGERED', 'SCHEDULED', 'NONE'].includes(d.trigger_type as string)) {
    return 'trigger_type must be TRIGGERED, SCHEDULED or NONE.';
  }
  for (const [key, standard] of Object.entries(optionDefaults)) {
    const kind = { string: 'a text', number: 'a number', boolean: 'true or false' }[typeof standard as 'string'];
    if (d[key] != null && typeof d[key] !== typeof standard) return `${key} must be ${kind}.`;
  }
  for (const key of ['target_changes', 'actions']) {
    if (d[key] != null && !(Array.isArray(d[key]) && (d[key] as unknown[]).every(isRecord))) {
      return `${key} must be a list of objects.`;
    }
  }
  if (d.schedule != null && !isRecord(d.schedule)) return 'schedule must be an object.';
  if (d.conditions != null) {
    const wrong = misshapenRule(d.conditions, 'conditions');
    if (wrong) return wrong;
  }
  for (const [i, action] of ((d.actions as Record<string, unknown>[] | null | undefined) ?? []).entries()) {
    const at = `actions[${i}]`;
    if (typeof action.type !== 'string') return `${at}.type must be a text.`;
    if (action.name != null && typeof action.name !== 'string') return `${at}.name must be a text.`;
    if (action.config != null && !isRecord(action.config)) return `${at}.config must be an object.`;
    const key = ruleKeys[action.type];
    const rule = key && (action.config as Config | undefined)?.[key];
    const wrong = rule ? misshapenRule(rule, `${at}.config.${key}`) : '';
    if (wrong) return wrong;
  }
  return '';
}

function misshapenRule(rule: unknown, at: string): string {
  if (!isRecord(rule)) return `${at} must be an object.`;
  for (const key of ['combinator', 'field', 'operator', 'value']) {
    if (rule[key] != null && typeof rule[key] !== 'string') return `${at}.${key} must be a text.`;
  }
  if (rule.rules != null && !Array.isArray(rule.rules)) return `${at}.rules must be a list.`;
  for (const [i, member] of ((rule.rules as unknown[] | null | undefined) ?? []).entries()) {
    const wrong = misshapenRule(member, `${at}.rules[${i}]`);
    if (wrong) return wrong;
  }
  return '';
}

/** Whether a definition has the shape that the form, and words about it, need. */
export function readable(definition: Definition): boolean {
  return misshapen(definition as unknown as Record<string, unknown>) === '';
}
