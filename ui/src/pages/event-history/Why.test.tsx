import { screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { open } from '../../test/open';
import { busy, full, serve } from '../../test/server';

const found = { value: 'inquiry', display: 'Inquiry' };
const verdicts = [
  {
    workflow_id: 'w1',
    workflow_name: 'Route network incidents',
    version: 3,
    verdict: 'RAN',
    reason: 'It was carried out.',
    run_id: 'r1',
    explanation: {
      triggered: true,
      matches: true,
      triggers: [{ change: { change_type: 'TICKET_CREATED' }, happened: true }],
    },
  },
  {
    workflow_id: 'w2',
    workflow_name: 'Hardware',
    version: 1,
    verdict: 'CONDITIONS',
    reason: 'Its conditions do not hold: category is “Inquiry”.',
    explanation: {
      triggered: true,
      matches: false,
      triggers: [{ change: { change_type: 'TICKET_CREATED' }, happened: true }],
      conditions: {
        combinator: 'and',
        holds: false,
        found: { value: '' },
        rules: [{ field: 'category', operator: '=', wanted: 'hardware', found, holds: false }],
      },
    },
  },
];

test('why each workflow ran for a change, or did not, is shown when it is asked for', async () => {
  const { asked } = serve(full, { 'GET /events/e1/explanation': { data: verdicts } });
  const { user } = open('/events/e1');
  const button = await screen.findByRole('button', { name: 'Show why' });
  expect(asked.some((a) => a.path.endsWith('/explanation'))).toBe(false);
  await user.click(button);
  const list = await screen.findByRole('list', { name: 'Workflows' });
  expect(within(list).getByText('It was carried out.')).toBeInTheDocument();
  await user.click(within(list).getByRole('button', { name: /Hardware/ }));
  const table = (await within(list).findAllByRole('table', { name: 'Comparisons' })).at(-1) as HTMLElement;
  expect(within(table).getByText('Category is “hardware”')).toBeInTheDocument();
  expect(within(table).getByText('“Inquiry”')).toBeInTheDocument();
  expect(within(table).getByText('All of these are true')).toBeInTheDocument();
  expect(within(list).getByText('Version 1 was asked.')).toBeInTheDocument();
});

const afterHours = [
  {
    workflow_id: 'w3',
    workflow_name: 'After hours',
    version: 1,
    verdict: 'CONDITIONS',
    reason: 'It runs only outside business hours; the change came TUE 10:05 (Europe/Berlin).',
    explanation: {
      triggered: true,
      own_change: true,
      matches: false,
      triggers: [{ change: { change_type: 'TICKET_CREATED' }, happened: true }],
      business_hours: { wanted: 'OUTSIDE', found: 'TUE 10:05 (Europe/Berlin)', holds: false },
      conditions: {
        field: 'state',
        operator: 'changed',
        wanted: '',
        found: { value: '', display: 'not changed' },
        holds: false,
      },
    },
  },
];

test('business hours and changes of Neo’s own are among the reasons', async () => {
  serve(full, { 'GET /events/e1/explanation': { data: afterHours } });
  const { user } = open('/events/e1');
  await user.click(await screen.findByRole('button', { name: 'Show why' }));
  const list = await screen.findByRole('list', { name: 'Workflows' });
  await user.click(within(list).getByRole('button', { name: /After hours/ }));
  const table = (await within(list).findAllByRole('table', { name: 'Comparisons' })).at(-1) as HTMLElement;
  const texts = within(table)
    .getAllByRole('row')
    .map((row) => row.textContent);
  expect(texts).toContain('Outside business hoursTUE 10:05 (Europe/Berlin)');
  expect(texts).toContain('A change that Neo did not makemade by Neo');
  expect(texts).toContain('State has changednot changed');
});

test('without workflows there is nothing to explain', async () => {
  serve(full, { 'GET /events/e1/explanation': { data: [] } });
  const { user } = open('/events/e1');
  await user.click(await screen.findByRole('button', { name: 'Show why' }));
  expect(await screen.findByText('There are no workflows.')).toBeInTheDocument();
});

test('reasons that cannot be computed', async () => {
  serve(full, { 'GET /events/e1/explanation': busy });
  const { user } = open('/events/e1');
  await user.click(await screen.findByRole('button', { name: 'Show why' }));
  expect(await screen.findByText('The reasons could not be computed')).toBeInTheDocument();
});
