import { describe, expect, test } from 'vitest';
import type { ActionSpec, Definition, Rule, TargetChange } from '../api/client';
import { actionsSummary, actionWords, conditionOutline, conditionWords, noteText, triggerWords } from './workflow';

function definition(over: Partial<Definition>): Definition {
  return { name: 'w', trigger_type: 'TRIGGERED', target_changes: [], actions: [], ...over };
}

const created: TargetChange = { change_type: 'TICKET_CREATED' };
const incident: Rule = { field: 'ticket_type', operator: '=', value: 'incident' };
const and = (...rules: Rule[]): Rule => ({ combinator: 'and', rules });
const or = (...rules: Rule[]): Rule => ({ combinator: 'or', rules });

describe('trigger', () => {
  test.each<[string, TargetChange[], Rule | undefined]>([
    ['When a ticket is created', [created], undefined],
    ['When an incident is created', [created], and(incident)],
    ['When an incident is created', [created], incident],
    ['When a ticket is created', [created], or(incident, { field: 'a', operator: '=', value: 'b' })],
    ['When a ticket is created', [created], { ...and(incident), not: true }],
    [
      'When a problem or change request is created',
      [created],
      { field: 'ticket_type', operator: 'in', value: 'problem, change_request' },
    ],
    ['When a ticket is updated', [{ change_type: 'FIELD_UPDATED' }], undefined],
    ['When the Priority of a ticket changes', [{ change_type: 'FIELD_UPDATED', target_field: 'priority' }], undefined],
    [
      'When the Priority of an incident changes from “3” to “1”',
      [{ change_type: 'FIELD_UPDATED', target_field: 'priority', source_value: '3', target_value: '1' }],
      and(incident),
    ],
    [
      'When the Assigned to of a ticket is emptied',
      [{ change_type: 'FIELD_UPDATED', target_field: 'assigned_to', target_value: '' }],
      undefined,
    ],
    [
      'When an incident is created, or its Urgency changes to “1”',
      [created, { change_type: 'FIELD_UPDATED', target_field: 'urgency', target_value: '1' }],
      and(incident),
    ],
    ['Never: no change is named', [], undefined],
  ])('%s', (want, changes, conditions) => {
    expect(triggerWords(definition({ target_changes: changes, conditions }))).toBe(want);
  });
});

describe('conditions', () => {
  const leaf = (operator: string, value?: string): Rule => ({ field: 'category', operator, value });
  test.each<[string, Rule | undefined]>([
    ['', undefined],
    ['', and()],
    ['', and(incident)],
    ['', incident],
    ['Category is “network”', and(incident, leaf('=', 'network'))],
    ['Category is not “network”', leaf('!=', 'network')],
    ['Category is empty', leaf('=', '')],
    ['Category is “a”, “b” or “c”', leaf('in', 'a, b,c')],
    ['Category is neither “a” nor “b”', leaf('notIn', 'a,b')],
    ['Category contains “x”', leaf('contains', 'x')],
    ['Category does not contain “x”', leaf('doesNotContain', 'x')],
    ['Category begins with “x”', leaf('beginsWith', 'x')],
    ['Category ends with “x”', leaf('endsWith', 'x')],
    ['Category is empty', leaf('null')],
    ['Category is not empty', leaf('notNull')],
    ['Category is less than “3”', leaf('<', '3')],
    ['Category is at most “3”', leaf('<=', '3')],
    ['Category is greater than “3”', leaf('>', '3')],
    ['Category is at least “3”', leaf('>=', '3')],
    ['Category has changed', leaf('changed')],
    ['Category sounds like “x”', leaf('sounds like', 'x')],
    [
      'Category is “a” and (Category is “b” or Category is “c”)',
      and(leaf('=', 'a'), or(leaf('=', 'b'), leaf('=', 'c'))),
    ],
    ['not (Category is “a” or Category is “b”)', { ...or(leaf('=', 'a'), leaf('=', 'b')), not: true }],
    ['Category is “b” or Category is “c”', and(incident, or(leaf('=', 'b'), leaf('=', 'c')))],
    ['not (Category is “b”)', { ...and(leaf('=', 'b')), not: true }],
    ['never', or()],
  ])('%s', (want, conditions) => {
    expect(conditionWords(definition({ conditions }))).toBe(want);
  });

  test('as an outline', () => {
    const conditions = and(incident, leaf('notNull'), or(leaf('=', 'a'), leaf('null')), or(leaf('=', 'c')));
    expect(conditionOutline(definition({ conditions }))).toEqual({
      text: 'All of these are true',
      members: [
        { text: 'Category is not empty', members: [] },
        {
          text: 'Any of these is true',
          members: [
            { text: 'Category is “a”', members: [] },
            { text: 'Category is empty', members: [] },
          ],
        },
        { text: 'Category is “c”', members: [] },
      ],
    });
  });

  test('a kind of ticket that the trigger cannot tell stays a condition', () => {
    const conditions = and(incident, { ...incident, value: 'problem' });
    expect(conditionWords(definition({ conditions }))).toBe('Ticket type is “incident” and Ticket type is “problem”');
    expect(triggerWords(definition({ conditions, target_changes: [created] }))).toBe('When a ticket is created');
  });
});

describe('actions', () => {
  test.each<[string, string, unknown]>([
    ['Set Urgency to “1” and Impact to “2”', 'UPDATE_TICKET_FIELDS', { fields: { urgency: '1', impact: '2' } }],
    ['Clear Assigned to', 'UPDATE_TICKET_FIELDS', { fields: { assigned_to: '' } }],
    ['Set Urgency to “1” and clear Assigned to', 'UPDATE_TICKET_FIELDS', { fields: { assigned_to: '', urgency: '1' } }],
    ['Update nothing', 'UPDATE_TICKET_FIELDS', {}],
    ['Add a work note', 'ADD_WORK_NOTE', { text: 'x' }],
    ['Assign to Network', 'ASSIGN_TICKET', { group: 'Network' }],
    ['Assign to Network, beth.anglin', 'ASSIGN_TICKET', { group: 'Network', technician: 'beth.anglin' }],
    ['Assign to nobody', 'ASSIGN_TICKET', null],
    ['Close the ticket', 'CLOSE_TICKET', {}],
  ])('%s', (want, type, config) => {
    expect(actionWords({ type, config })).toBe(want);
  });

  test.each<[string, ActionSpec['type'], object]>([
    ['Add a client-facing note', 'ADD_CLIENT_NOTE', { text: 'x' }],
    ['Log 15 minutes of work', 'LOG_TIME_ENTRY', { minutes: 15, text: 'x' }],
    ['Resolve as “Solved”', 'RESOLVE_TICKET', { code: 'Solved' }],
    ['Create a problem, linked to this ticket', 'CREATE_TICKET', { class: 'problem', link: true }],
    ['Assign to Network, its members in turn', 'ASSIGN_TICKET', { group: 'Network', strategy: 'ROUND_ROBIN' }],
    ['Notify the ticket’s contact by a note', 'NOTIFY_CONTACT', { mode: 'TICKET_NOTE' }],
    ['Send a message to Ops', 'SEND_MESSAGE', { endpoint: 'Ops' }],
    ['Ask a technician for approval, within 4 hours', 'REQUEST_TECHNICIAN_APPROVAL', { deadline_minutes: 240 }],
    ['Wait 2 days', 'WAIT', { for_minutes: 2880 }],
    ['Wait until business hours', 'WAIT', { until_business_hours: true }],
    ['Wait 4 working hours', 'WAIT', { for_working_minutes: 240 }],
    ['Wait 1 working hour 30 minutes', 'WAIT', { for_working_minutes: 90 }],
    [
      'Wait until Approval is “approved”, at most 1 day',
      'WAIT',
      { until_rule: { field: 'approval', operator: '=', value: 'approved' }, for_minutes: 1440 },
    ],
    [
      'Only continue if Decision of step “ask” is “approved”',
      'CONTINUE_IF',
      { conditions: { field: 'steps.ask.decision', operator: '=', value: 'approved' } },
    ],
    ['Run the workflow Escalate', 'RUN_WORKFLOW', { workflow: 'Escalate' }],
  ])('%s', (want, type, config) => {
    expect(actionWords({ type, config })).toBe(want);
  });

  test('all of them, and the note', () => {
    const note = { type: 'ADD_WORK_NOTE', config: { text: 'Hello' } };
    const actions = [{ type: 'ASSIGN_TICKET', config: { group: 'Network' } }, note];
    expect(actionsSummary(definition({ actions }))).toBe('Assign to Network, then add a work note');
    expect(actionsSummary(definition({}))).toBe('Does nothing');
    expect(noteText(note)).toBe('Hello');
    expect(noteText({ type: 'ADD_WORK_NOTE', config: { text: 7 } })).toBe('');
  });
});

test.each<[string, Partial<Definition>]>([
  ['Only on request', { trigger_type: 'NONE' }],
  [
    'Every 15 minutes, for each ticket that matches',
    { trigger_type: 'SCHEDULED', schedule: { every: 'MINUTES', count: 15 } },
  ],
  [
    'On Monday and Friday at 08:30 (Europe/Berlin), for each incident that matches',
    {
      trigger_type: 'SCHEDULED',
      schedule: { every: 'WEEKDAYS', at: '08:30', days: ['MON', 'FRI'], time_zone: 'Europe/Berlin' },
      conditions: incident,
    },
  ],
  [
    'On the first Monday of each month at 08:30, for each ticket that matches',
    { trigger_type: 'SCHEDULED', schedule: { every: 'MONTH', at: '08:30', week: 1, days: ['MON'] } },
  ],
  [
    'On the last day of each month at 08:30, for each ticket that matches',
    { trigger_type: 'SCHEDULED', schedule: { every: 'MONTH', at: '08:30', day: -1 } },
  ],
  [
    'When a ticket is assigned, or its priority is raised, or the customer replies to it',
    {
      target_changes: [
        { change_type: 'ASSIGNED' },
        { change_type: 'PRIORITY_RAISED' },
        { change_type: 'CUSTOMER_REPLIED' },
      ],
    },
  ],
  [
    'When the state of a ticket changes to “3 (incident)”',
    { target_changes: [{ change_type: 'STATE_CHANGED', target_value: 'incident:3' }] },
  ],
])('%s', (want, over) => expect(triggerWords(definition(over))).toBe(want));

test('names that somebody knows stand for what is stored', () => {
  const names = (field: string, value: string) => (field === 'state' && value === 'incident:3' ? 'On Hold' : undefined);
  const held = definition({ conditions: and({ field: 'state', operator: '=', value: 'incident:3' }) });
  expect(conditionOutline(held, names)?.text).toBe('State is “On Hold”');
});

test('spans are told as such', () => {
  const old = definition({ conditions: and({ field: 'age', operator: '>', value: '3d' }) });
  expect(conditionWords(old)).toBe('Age is more than 3 days');
});
