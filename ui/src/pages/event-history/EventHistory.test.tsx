import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { HistoryEntry } from '../../api/client';
import { FakeEventSource } from '../../test/FakeEventSource';
import { open } from '../../test/open';
import { entry, event, full, run, serve } from '../../test/server';
import { media } from '../../test/setup';
import { filterPath, readFilter } from './filter';

test('each entry in a row, leading to where it is shown in full', async () => {
  serve(full, {
    'GET /history': {
      data: [
        entry(3, {
          type: 'WORKFLOW_EXECUTION',
          workflow_name: 'Route',
          outcome: 'FAILURE',
          message: 'Refused',
          duration_ms: 412,
        }),
        entry(2, { type: 'ENTITY_UPDATED', outcome: 'SKIPPED' }),
      ],
    },
  });
  open('/events');
  const [first, second] = (await screen.findAllByRole('row')).slice(1);
  if (!first || !second) throw new Error('rows are missing');
  for (const text of ['INC0000003', 'VPN drops', 'Workflow Execution', 'Route', 'Failure', 'Refused', '412 ms']) {
    expect(within(first).getByText(text)).toBeInTheDocument();
  }
  expect(within(first).getByRole('link')).toHaveAttribute('href', '/runs/e0003');
  expect(within(second).getByText('No match')).toBeInTheDocument();
  expect(within(second).getByRole('link')).toHaveAttribute('href', '/events/e0002');
});

test('cards on a narrow screen', async () => {
  media.matches = (query) => query.includes('max-width');
  serve(full);
  open('/events');
  const list = await screen.findByRole('list', { name: 'Events' });
  expect(within(list).getAllByRole('link')).toHaveLength(2);
  expect(screen.queryByRole('table')).not.toBeInTheDocument();
});

test('older events page by cursor', async () => {
  const { asked } = serve(full, {
    'GET /history': ({ url }) =>
      url.searchParams.get('cursor') === 'e0002'
        ? { data: [entry(1)] }
        : { data: [entry(3), entry(2)], meta: { next_cursor: 'e0002' } },
  });
  const { user } = open('/events');
  await user.click(await screen.findByRole('button', { name: 'Show older events' }));
  expect(await screen.findByText('INC0000001')).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Show older events' })).not.toBeInTheDocument();
  expect(asked.filter((a) => a.path === '/history')).toHaveLength(2);
});

test('filters are in the address and in the question', async () => {
  const { asked } = serve(full);
  const { user } = open('/events?outcome=FAILURE');
  expect(await screen.findByLabelText('Outcome')).toHaveValue('FAILURE');
  await user.type(screen.getByLabelText('Ticket'), 'INC00');
  await waitFor(() => expect(window.location.search).toBe('?ticket=INC00&outcome=FAILURE'));
  await user.selectOptions(screen.getByLabelText('Type'), 'Workflow Execution');
  await waitFor(() => {
    const last = asked.filter((a) => a.path === '/history').at(-1);
    expect(last?.search).toBe('?ticket=INC00&type=WORKFLOW_EXECUTION&outcome=FAILURE&limit=50');
  });
  await user.click(screen.getByRole('button', { name: 'Clear filters' }));
  await waitFor(() => expect(window.location.search).toBe(''));
  expect(screen.getByLabelText('Ticket')).toHaveValue('');
});

test('what a person asked for leads to the work, and newer outcomes can be filtered', async () => {
  const requested = { ...entry(3), type: 'WORKFLOW_TRIGGER_REQUESTED', workflow_name: 'Route', outcome: 'CANCELLED' };
  const { asked } = serve(full, { 'GET /history': { data: [requested] } });
  const { user } = open('/events');
  const row = (await screen.findAllByRole('row'))[1] as HTMLElement;
  expect(row).toHaveTextContent('Workflow Trigger Requested');
  expect(row).toHaveTextContent('Cancelled');
  expect(within(row).getByRole('link')).toHaveAttribute('href', '/scheduled-work?work=e0003');
  await user.selectOptions(screen.getByLabelText('Outcome'), 'Waiting');
  await user.selectOptions(screen.getByLabelText('Type'), 'Workflow Trigger Requested');
  await waitFor(() =>
    expect(asked.filter((a) => a.path === '/history').at(-1)?.search).toBe(
      '?type=WORKFLOW_TRIGGER_REQUESTED&outcome=WAITING&limit=50',
    ),
  );
});

test('a filter survives its address, and nonsense does not', () => {
  expect(readFilter('?ticket=%20INC1%20&type=ENTITY_CREATED&outcome=SKIPPED')).toEqual({
    ticket: 'INC1',
    type: 'ENTITY_CREATED',
    outcome: 'SKIPPED',
  });
  expect(readFilter('?type=x&outcome=toString&other=1')).toEqual({});
  expect(filterPath(readFilter('?ticket=A%26B'))).toBe('/events?ticket=A%26B');
});

test('new entries come in live and are marked; while somebody reads further down they wait', async () => {
  let entries: HistoryEntry[] = [entry(1)];
  serve(full, { 'GET /history': () => ({ data: entries }) });
  const { user } = open('/events');
  await screen.findByText('INC0000001');
  expect(screen.getByText('Connecting to Neo…')).toBeInTheDocument();
  const stream = FakeEventSource.last;
  act(() => stream.emit('open'));
  expect(screen.getByText('Updates by itself')).toBeInTheDocument();

  entries = [entry(2), ...entries];
  act(() => stream.emit('changed'));
  const row = (await screen.findByText('INC0000002')).closest('tr');
  expect(row?.className).toMatch(/new/);
  expect(screen.getByText('INC0000001').closest('tr')?.className).not.toMatch(/new/);

  Object.assign(window, { scrollY: 600 });
  act(() => void window.dispatchEvent(new Event('scroll')));
  entries = [entry(4), entry(3), ...entries];
  act(() => stream.emit('changed'));
  const button = await screen.findByRole('button', { name: '2 new events' }, { timeout: 4000 });
  expect(screen.queryByText('INC0000004')).not.toBeInTheDocument();
  await user.click(button);
  expect(screen.getByText('INC0000004')).toBeInTheDocument();
  Object.assign(window, { scrollY: 0 });

  act(() => stream.fail(false));
  expect(screen.getByText('Reconnecting to Neo…')).toBeInTheDocument();
});

test('an event tells what changed, who did it, and what was done about it', async () => {
  serve(full);
  open('/events/e1');
  const changes = await screen.findByRole('table', { name: 'Changed fields' });
  expect(within(changes).getByRole('row', { name: /Category Inquiry Network/ })).toBeInTheDocument();
  expect(screen.getByText('Called again.')).toBeInTheDocument();
  expect(screen.getByText('abel.tuter')).toBeInTheDocument();
  expect(screen.getByText('A workflow matches this change. Its run says what came of it.')).toBeInTheDocument();
  expect(screen.getByRole('link', { name: /Route network incidents/ })).toHaveAttribute('href', '/runs/r1');
  expect(screen.getByRole('link', { name: 'INC0010001' })).toHaveAttribute('href', event.ticket_url);
});

test.each([
  ['UNMATCHED', 'No enabled workflow matches this change'],
  ['OWN_WRITE', 'Neo made this change itself'],
  ['HELD', 'Neo is writing to this ticket right now'],
  ['RECORDED', 'no workflow was asked'],
])('an event that is %s', async (disposition, words) => {
  serve(full, { 'GET /events/e1': { data: { ...event, disposition, runs: [] } } });
  open('/events/e1');
  expect(await screen.findByText(new RegExp(words))).toBeInTheDocument();
});

test('a run shows each step, before and after, and what is still to come', async () => {
  serve(full, { 'GET /runs/r1': { data: { ...run, outcome: 'RUNNING', finished_at: null } } });
  open('/runs/r1');
  expect(await screen.findByText('Assign to Network')).toBeInTheDocument();
  const changes = screen.getByRole('table', { name: 'Fields before and after step 1' });
  const rows = within(changes).getAllByRole('row').slice(1);
  expect(rows[0]).toHaveAttribute('data-changed');
  expect(rows[0]).toHaveTextContent('Assignment groupemptyNetwork');
  expect(rows[1]).not.toHaveAttribute('data-changed');
  expect(rows[1]).toHaveTextContent('unchanged');
  expect(screen.getByText('Ticket version 4 → 5')).toBeInTheDocument();
  expect(await screen.findByText('Still to come')).toBeInTheDocument();
});

test('a run of a workflow that is gone, with a step whose answer never came', async () => {
  const [step] = run.steps;
  if (!step) throw new Error('the run has a step');
  const failed = {
    ...step,
    state: 'FAILED' as const,
    message: 'ServiceNow refused it.',
    after: {},
    after_version: undefined,
  };
  serve(full, {
    'GET /workflows/w1': { status: 404, error: { code: 'not_found', message: 'gone' } },
    'GET /runs/r1': { data: { ...run, outcome: 'FAILURE', steps: [failed] } },
  });
  open('/runs/r1');
  expect(await screen.findByText('ServiceNow refused it.')).toBeInTheDocument();
  expect(screen.getByText('Assign ticket')).toBeInTheDocument();
  expect(screen.queryByText('unchanged')).not.toBeInTheDocument();
  await waitFor(() => expect(screen.queryByRole('link', { name: 'Route network incidents' })).not.toBeInTheDocument());
});

test.each([
  ['wide', false],
  ['narrow', true],
])('what was not delivered is marked, %s', async (_name, narrow) => {
  media.matches = (query) => narrow && query.includes('max-width');
  serve(full, {
    'GET /history': {
      data: [
        entry(3, { source: 'webhook' }),
        entry(2, { source: 'sweep', type: 'ENTITY_UPDATED' }),
        entry(1, { source: 'backfill' }),
      ],
    },
  });
  open('/events');
  expect((await screen.findByText('found by sweep')).closest('[data-entry]')).toHaveAttribute('data-entry', 'e0002');
  expect(screen.getByText('backfill').closest('[data-entry]')).toHaveAttribute('data-entry', 'e0001');
  expect(document.querySelectorAll('[data-source]')).toHaveLength(2);
});

test('an event that the sweep found, after updates that nobody reported, says what that means', async () => {
  serve(full, { 'GET /events/e1': { data: { ...event, source: 'sweep', missed: 3 } } });
  open('/events/e1');
  expect(await screen.findByText('Found by Neo’s sweep')).toBeInTheDocument();
  expect(screen.getByText(/Neo asks once a minute for what was not reported/)).toBeInTheDocument();
  expect(
    screen.getByText('3 updates before this one were never reported; what they did is part of this state.'),
  ).toBeInTheDocument();
});

test('an event of a backfill, after one update that nobody reported, says what that means', async () => {
  const recorded = { ...event, source: 'backfill', missed: 1, disposition: 'RECORDED', runs: [] };
  serve(full, { 'GET /events/e1': { data: recorded } });
  open('/events/e1');
  expect(await screen.findByText('Recorded')).toBeInTheDocument();
  expect(screen.getByText(/That starts no workflows/)).toBeInTheDocument();
  expect(screen.getByText(/^1 update before this one was never reported/)).toBeInTheDocument();
});
