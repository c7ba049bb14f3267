import { expect, test } from 'vitest';
import { entries, grouped } from './catalogue';

test('fields of one label are told apart where one is picked', () => {
  const field = (name: string, label: string, classes: string[]) => ({
    name,
    label,
    type: 'choice' as const,
    classes,
    custom: false,
    read_only: false,
  });
  const all = entries([
    field('hold_reason', 'On hold reason', ['incident']),
    field('on_hold_reason', 'On hold reason', ['change_request']),
    field('u_team', 'Team', ['incident']),
    field('u_team_2', 'Team', ['incident']),
    field('state', 'State', ['incident', 'change_request']),
  ]);
  const ticket = grouped(all.values()).find((g) => g.group === 'Ticket');
  expect(ticket?.items).toEqual([
    { value: 'hold_reason', label: 'On hold reason (Incident)' },
    { value: 'on_hold_reason', label: 'On hold reason (Change request)' },
    { value: 'state', label: 'State' },
    { value: 'u_team', label: 'Team (u_team)' },
    { value: 'u_team_2', label: 'Team (u_team_2)' },
  ]);
});
