import { describe, expect, test } from 'vitest';
import type { Plan } from '../api/client';
import { approverWords, deadlineWords, plannedChanges, planParts, plansNothing, waitWords } from './plan';

const plan = (over: Partial<Plan>): Plan => ({ write: {}, ...over });

test('fields, with the names that an action found and what stays as it is', () => {
  const changes = plannedChanges(
    plan({ write: { fields: { assigned_to: '', assignment_group: 'g1', state: '2' } }, outputs: { group: 'Network' } }),
    { state: { value: '2', display: 'In Progress' }, assigned_to: { value: 'u', display: 'Beth' } },
  );
  expect(changes).toEqual([
    { field: 'assigned_to', from: { value: 'u', display: 'Beth' }, to: { value: '' } },
    { field: 'assignment_group', from: undefined, to: { value: 'g1', display: 'Network' } },
    { field: 'state', from: { value: '2', display: 'In Progress' }, to: { value: '2', display: 'In Progress' } },
  ]);
});

describe('everything else', () => {
  const ref = { integration_id: 'i', class: 'incident', remote_id: 'r' };
  test.each<[Partial<Plan>, string, string | undefined]>([
    [{ write: { work_note: 'a' } }, 'Work note, internal', 'a'],
    [{ write: { client_note: 'b' } }, 'Client-facing note, seen by the customer', 'b'],
    [{ write: { email: { to: 'x@example.com', subject: 'Hi', text: 'c' } } }, 'E-mail to x@example.com: Hi', 'c'],
    [{ write: { time_entry: { minutes: 1 } } }, 'Time entry of 1 minute', undefined],
    [{ write: { time_entry: { minutes: 45, text: 'd' } } }, 'Time entry of 45 minutes', 'd'],
    [{ write: { time_entry: { minutes: 90 } } }, 'Time entry of 1 h 30 min', undefined],
    [{ create: { class: 'problem', parent: ref, work_note: 'e' } }, 'New problem, linked to this ticket', 'e'],
    [{ send: { endpoint: 'On-call', endpoint_id: 'x', text: 'f' } }, 'Message to On-call', 'f'],
    [{ ask: { text: 'g', approvers: null } }, 'Question to any technician', 'g'],
    [{ wait: {} }, 'Wait', undefined],
    [{ stop: 'h' }, 'Ends the run here', 'h'],
    [{ start: { workflow_id: 'w', name: 'Tell' } }, 'Start of the workflow “Tell”', undefined],
  ])('%j', (over, title, text) => {
    expect(planParts(plan(over))).toEqual([expect.objectContaining({ title, ...(text && { text }) })]);
    expect(plansNothing(plan(over))).toBe(false);
  });
});

test('nothing', () => {
  expect(plansNothing(plan({ reason: 'as wanted' }))).toBe(true);
  expect(plansNothing(plan({ write: { fields: { a: '1' } } }))).toBe(false);
});

test('what is waited for, who is asked, and what happens without an answer', () => {
  expect(waitWords({ field: 'category', operator: '=', value: 'network' })).toMatch(/^Wait until Category is/);
  expect(waitWords({ combinator: 'and', rules: [] })).toBe('Wait until the ticket has changed');
  expect(approverWords(['a@x', 'b@x'])).toBe('a@x or b@x');
  expect(approverWords([])).toBe('any technician');
  expect(deadlineWords('APPROVE')).toMatch('approved');
  expect(deadlineWords(undefined)).toMatch('rejected');
  expect(deadlineWords('LATER')).toBe('');
});
