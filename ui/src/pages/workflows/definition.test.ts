import { describe, expect, test } from 'vitest';
import type { ActionSpec, Definition, Rule, TargetChange } from '../../api/client';
import { actionKinds, changeKinds } from '../../words/action';
import { actionForms } from './actions';
import { canonical, copyOf, type DraftGroup, moved, parse, pretty, toDefinition, toDraft } from './definition';

const base: Definition = { name: 'w', trigger_type: 'TRIGGERED', target_changes: [], actions: [] };

const roundTrip = (over: Partial<Definition>) => {
  const definition = { ...base, ...over };
  expect(toDefinition(toDraft(definition))).toEqual(definition);
};

const rule: Rule = {
  combinator: 'and',
  rules: [
    { field: 'ticket_type', operator: 'in', value: 'incident,change_request' },
    { combinator: 'or', not: true, rules: [{ field: 'assigned_to', operator: 'null' }] },
  ],
};

describe('a definition survives the form', () => {
  test.each<TargetChange>([
    ...changeKinds.map((k) => ({ change_type: k.value })),
    { change_type: 'FIELD_UPDATED', target_field: 'priority' },
    { change_type: 'FIELD_UPDATED', target_field: 'priority', source_value: '3', target_value: '1' },
    { change_type: 'FIELD_UPDATED', target_field: 'assigned_to', target_value: '' },
    { change_type: 'STATE_CHANGED', source_value: 'incident:1', target_value: 'incident:3' },
  ])('trigger $change_type $target_field $source_value $target_value', (change) => {
    roundTrip({ target_changes: [{ change_type: 'TICKET_CREATED' }, change] });
  });

  test.each<Definition['schedule']>([
    { every: 'MINUTES', count: 15 },
    { every: 'HOURS', count: 2 },
    { every: 'DAY', at: '08:30' },
    { every: 'DAY', at: '08:30', time_zone: 'Europe/Berlin' },
    { every: 'WEEKDAYS', at: '08:30' },
    { every: 'WEEKDAYS', at: '08:30', days: ['MON', 'SAT'] },
    { every: 'MONTH', at: '08:30', day: 31 },
    { every: 'MONTH', at: '08:30', day: -1 },
    { every: 'MONTH', at: '08:30', week: -1, days: ['FRI'] },
    { every: 'CRON', cron: '0 8 * * *', time_zone: 'UTC' },
  ])('schedule %j', (schedule) => {
    const definition = { name: 'w', trigger_type: 'SCHEDULED', schedule, actions: [] };
    expect(toDefinition(toDraft(definition))).toEqual(definition);
  });

  test('on request', () => {
    const definition = { name: 'w', trigger_type: 'NONE', actions: [] };
    expect(toDefinition(toDraft(definition))).toEqual(definition);
  });

  const actions: ActionSpec[] = [
    { type: 'UPDATE_TICKET_FIELDS', config: { fields: { urgency: '1', assigned_to: '' } } },
    { type: 'ASSIGN_TICKET', config: { group: 'Network', technician: 'Beth Anglin' } },
    {
      type: 'ASSIGN_TICKET',
      config: {
        group: 'Network',
        strategy: 'ON_SHIFT',
        shifts: [{ name: 'Night', days: ['MON'], from: '20:00', to: '06:00', technicians: ['Beth Anglin'] }],
      },
    },
    { type: 'ADD_WORK_NOTE', config: { text: 'Hello {{ ticket.number }}' } },
    { type: 'ADD_CLIENT_NOTE', config: { text: 'Hello' } },
    { type: 'LOG_TIME_ENTRY', config: { minutes: 15, text: 'Triage' } },
    { type: 'RESOLVE_TICKET', config: { code: 'Solved', notes: 'Done' } },
    { type: 'CLOSE_TICKET', config: {} },
    { type: 'REOPEN_TICKET', config: { note: 'Again' } },
    { type: 'CREATE_TICKET', config: { class: 'problem', fields: { short_description: 'x' }, link: true } },
    { type: 'LINK_DUPLICATE', name: 'twin', config: { within_days: 7, similarity: 80, same_caller: true, note: 'x' } },
    { type: 'NOTIFY_CONTACT', config: { mode: 'EMAIL', subject: 's', text: 't' } },
    { type: 'SEND_MESSAGE', config: { endpoint: 'Ops', text: 't', body: '{}' } },
    {
      type: 'REQUEST_TECHNICIAN_APPROVAL',
      name: 'ask',
      config: { text: '?', approvers: ['a@b.c'], deadline_minutes: 60, on_deadline: 'APPROVE', on_reject: 'CONTINUE' },
    },
    { type: 'WAIT', config: { for_minutes: 60 } },
    { type: 'WAIT', config: { until_rule: rule, for_minutes: 60, stop_if_not: true } },
    { type: 'WAIT', config: { until_business_hours: true } },
    { type: 'WAIT', config: { for_working_minutes: 240 } },
    { type: 'CONTINUE_IF', config: { conditions: rule, message: 'Not for us.' } },
    { type: 'RUN_WORKFLOW', config: { workflow: 'w2' } },
    { type: 'SOMETHING_NEWER', config: { with: ['settings'] } },
  ];

  test.each(actions)('action $type', (action) => roundTrip({ actions: [action] }));

  test('every action that can be chosen has a form and is among them', () => {
    const tested = new Set(actions.map((a) => a.type));
    for (const { type } of actionKinds) {
      expect(actionForms[type], type).toBeDefined();
      expect(tested, type).toContain(type);
    }
    expect(Object.keys(actionForms)).toHaveLength(actionKinds.length);
  });

  test.each<Partial<Definition>>([
    { description: 'why' },
    { conditions: rule },
    { conditions: { combinator: 'or', rules: [] } },
    { run_only_once_per_entity: true },
    { process_entities_sequentially: true },
    { execution_order: 3, ignore_execution_order: false },
    { delay_seconds: 90 },
    { business_hours: 'OUTSIDE' },
    { pause_after_failures: 5 },
    { shadow: true },
    { trigger_on_own_changes: true },
    { something_newer: 1 } as Partial<Definition>,
  ])('%j', roundTrip);
});

test('what is as by default, or empty, is left out', () => {
  const loud = {
    ...base,
    description: '',
    conditions: { combinator: 'and', rules: [] },
    shadow: false,
    ignore_execution_order: true,
  };
  expect(toDefinition(toDraft(loud))).toEqual(base);
  expect(canonical(loud)).toBe(canonical(base));
});

test('a single comparison becomes a group of one', () => {
  const leaf = { field: 'priority', operator: '=', value: '1' };
  expect(toDefinition(toDraft({ ...base, conditions: leaf })).conditions).toEqual({ combinator: 'and', rules: [leaf] });
});

test('a copy has its own identities, and no name that is taken', () => {
  const [ask] = toDraft({
    ...base,
    actions: [{ type: 'CONTINUE_IF', name: 'ask', config: { conditions: rule } }],
  }).actions;
  if (!ask) throw new Error('no action');
  const copy = copyOf(ask);
  expect(copy.name).toBe('');
  expect(copy.id).not.toBe(ask.id);
  const [before, after] = [ask, copy].map((a) => a.config.conditions as DraftGroup);
  expect(after?.rules.map((r) => r.id)).not.toEqual(before?.rules.map((r) => r.id));
});

test.each([
  [0, 2, 'bca'],
  [2, 0, 'cab'],
  [1, 1, 'abc'],
  [0, -1, 'abc'],
  [2, 3, 'abc'],
])('from %d to %d', (from, to, want) => expect(moved(['a', 'b', 'c'], from, to).join('')).toBe(want));

test.each([
  ['', /nothing here yet/],
  ['[1]', /one JSON object/],
  ['null', /one JSON object/],
  ['{"a":}', /not valid JSON/],
  ['{"name":1}', /name must be a text/],
  ['{"trigger_type":"SOMETIMES"}', /TRIGGERED, SCHEDULED or NONE/],
  ['{"actions":{}}', /actions must be a list/],
  ['{"actions":[1]}', /actions must be a list of objects/],
  ['{"actions":[{"config":{}}]}', /actions\[0\]\.type/],
  ['{"actions":[{"type":"WAIT","config":{"until_rule":[]}}]}', /actions\[0\]\.config\.until_rule/],
  ['{"conditions":{"combinator":"and","rules":[{"rules":{}}]}}', /conditions\.rules\[0\]\.rules/],
  ['{"shadow":"yes"}', /shadow must be true or false/],
])('%s is no definition', (text, want) => expect(parse(text).error).toMatch(want));

test('what was printed can be read', () => {
  const definition = { ...base, conditions: rule };
  expect(parse(pretty(definition)).definition).toEqual(definition);
});
