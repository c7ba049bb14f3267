import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import type { Plan, Run, Step } from '../../api/client';
import { open } from '../../test/open';
import { run as finished, full, serve } from '../../test/server';
import { changedByRun } from './run';

const done = finished.steps[0] as Step;

type StepParts = Partial<Omit<Step, 'plan'> & { plan: Partial<Plan> }>;

function step(position: number, { plan, ...over }: StepParts): Step {
  return { ...done, id: `s${position}`, position, before: {}, after: {}, ...over, plan: { write: {}, ...plan } };
}

function run(over: Partial<Run>): Run {
  return { ...finished, cause: 'EVENT', ...over };
}

const serveRun = (data: Run, more = {}) => serve(full, { 'GET /runs/r1': { data } }, more);
const refused = (message: string) => ({ status: 409, error: { code: 'conflict', message } });

test('what a run asked, waits for, created and started leads on', async () => {
  serveRun(
    run({
      outcome: 'WAITING',
      message: 'Waits for a technician.',
      finished_at: null,
      steps: [
        step(0, {
          action: 'CREATE_TICKET',
          plan: {
            create: { class: 'problem', fields: { short_description: 'Outage' } },
            outputs: { number: 'PRB1' },
          },
          created: { integration_id: 'i1', class: 'problem', remote_id: 'p' },
          created_url: 'https://acme.service-now.com/p',
        }),
        step(1, { action: 'RUN_WORKFLOW', plan: { start: { workflow_id: 'w2', name: 'Tell' } }, started_run: 'r2' }),
        step(2, {
          action: 'ASSIGN_TICKET',
          plan: { write: { fields: { assigned_to: 'u' } }, reason: 'fewest open tickets (3)' },
          before: { assigned_to: { value: '' } },
          after: { assigned_to: { value: 'u', display: 'Beth' } },
          approval_id: 'a0',
        }),
        step(3, {
          action: 'REQUEST_TECHNICIAN_APPROVAL',
          state: 'WAITING',
          plan: { ask: { text: 'May I?', approvers: ['beth@example.com'] } },
          approval_id: 'a1',
          finished_at: null,
        }),
      ],
    }),
  );
  open('/runs/r1');
  expect(await screen.findByText('Waits for a technician.')).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'PRB1' })).toHaveAttribute('href', 'https://acme.service-now.com/p');
  expect(screen.getByRole('link', { name: 'The run that it started' })).toHaveAttribute('href', '/runs/r2');
  expect(screen.getByRole('link', { name: 'The approval' })).toHaveAttribute('href', '/approvals/a0');
  expect(screen.getByRole('link', { name: 'Answer the question' })).toHaveAttribute('href', '/approvals/a1');
  expect(screen.getByText('Why: fewest open tickets (3)')).toBeInTheDocument();
  expect(screen.getByText('May I?')).toBeInTheDocument();
  expect(screen.getByRole('table', { name: 'Fields before and after step 3' })).toHaveTextContent('Beth');
});

test('in shadow mode the steps are what would have been', async () => {
  serveRun(
    run({
      shadow: true,
      undo_reason: 'A shadow run changes nothing.',
      steps: [
        step(0, {
          action: 'UPDATE_TICKET_FIELDS',
          state: 'PLANNED',
          plan: { write: { fields: { assignment_group: 'g1' } }, outputs: { group: 'Network' } },
          before: { assignment_group: { value: 'g0', display: 'Service Desk' } },
        }),
        step(1, { action: 'WAIT', state: 'PLANNED', plan: { reason: 'it is so' }, message: 'It is so already.' }),
      ],
    }),
  );
  open('/runs/r1');
  expect(await screen.findByText('Shadow mode: nothing was written')).toBeInTheDocument();
  expect(screen.getByRole('row', { name: 'Assignment group Service Desk Network' })).toBeInTheDocument();
  expect(screen.getAllByText('Planned only')).toHaveLength(2);
  expect(screen.getByText(/Nothing: the ticket is as wanted already/)).toBeInTheDocument();
  expect(screen.queryByText(/Undo is not possible/)).not.toBeInTheDocument();
  expect(screen.queryByText(/^Why:/)).not.toBeInTheDocument();
});

describe('what can be done', () => {
  test('cancel asks first, and says when it was too late', async () => {
    const { routes, asked } = serveRun(run({ outcome: 'RUNNING', can_cancel: true, finished_at: null }), {
      'POST /runs/r1/cancel': refused('It is over already.'),
    });
    const { user } = open('/runs/r1');
    await user.click(await screen.findByRole('button', { name: 'Cancel' }));
    const dialog = await screen.findByRole('dialog', { name: 'Cancel this run?' });
    await user.click(within(dialog).getByRole('button', { name: 'Cancel the run' }));
    expect(await within(dialog).findByRole('alert')).toHaveTextContent('It is over already.');
    const stopping = run({ outcome: 'RUNNING', can_cancel: false, cancel_requested: true, finished_at: null });
    routes['POST /runs/r1/cancel'] = { data: stopping };
    routes['GET /runs/r1'] = { data: stopping };
    await user.click(within(dialog).getByRole('button', { name: 'Cancel the run' }));
    expect(await screen.findByText('Will be cancelled before its next step')).toBeInTheDocument();
    expect(asked.filter((a) => a.method === 'POST')).toHaveLength(2);
  });

  test('retry goes on where it failed', async () => {
    const { routes } = serveRun(run({ outcome: 'FAILURE', can_retry: true, undo_reason: 'Beth changed it since.' }));
    const { user } = open('/runs/r1');
    expect(await screen.findByText('Undo is not possible: Beth changed it since.')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Undo' })).not.toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Retry' }));
    const dialog = await screen.findByRole('dialog', { name: 'Retry this run?' });
    expect(dialog).toHaveTextContent('The step that is done is not done again.');
    const again = run({ outcome: 'PENDING', finished_at: null });
    routes['POST /runs/r1/retry'] = { data: again };
    routes['GET /runs/r1'] = { data: again };
    await user.click(within(dialog).getByRole('button', { name: 'Retry the run' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(await screen.findByText('Pending')).toBeInTheDocument();
  });

  test('undo names what it restores and leads to the run that does it', async () => {
    const undo = run({ id: 'r9', cause: 'UNDO', parent_id: 'r1', outcome: 'RUNNING', finished_at: null });
    serveRun(run({ can_undo: true }), {
      'POST /runs/r1/undo': { data: undo },
      'GET /runs/r9': { data: undo },
    });
    const { user } = open('/runs/r1');
    await user.click(await screen.findByRole('button', { name: 'Undo' }));
    const dialog = await screen.findByRole('dialog', { name: 'Undo this run on INC0010001?' });
    expect(within(dialog).getByText('Assignment group back to empty')).toBeInTheDocument();
    expect(dialog).not.toHaveTextContent('Priority');
    await user.click(within(dialog).getByRole('button', { name: 'Undo the run' }));
    await waitFor(() => expect(window.location.pathname).toBe('/runs/r9'));
    expect(await screen.findByRole('link', { name: 'Show that run' })).toHaveAttribute('href', '/runs/r1');
  });

  test('what was undone says so', async () => {
    serveRun(run({ undone_by: 'r9' }));
    open('/runs/r1');
    expect(await screen.findByRole('link', { name: 'Show what was restored' })).toHaveAttribute('href', '/runs/r9');
  });
});

test.each([
  ['EVENT', { event_id: 'e1' }, 'The change that matched', '/events/e1'],
  ['REQUEST', { event_id: '' }, 'A person', '/scheduled-work'],
  ['REQUEST', { event_id: '', requested_by: 'Bea' }, 'Bea', '/scheduled-work'], // fault 27: the person is named
  ['UNDO', { event_id: '', parent_id: 'r0', requested_by: 'Bea' }, 'Bea', null],
  ['WORKFLOW', { event_id: '', parent_id: 'r0' }, 'A run of another workflow', '/runs/r0'],
  ['SCHEDULE', { event_id: '' }, 'The workflow’s schedule', null],
] as const)('started by %s', async (cause, over, words, href) => {
  serveRun(run({ cause, ...over }));
  open('/runs/r1');
  const shown = await screen.findByText(words);
  if (href) expect(shown).toHaveAttribute('href', href);
  else expect(shown.tagName).not.toBe('A');
});

test('what a run changed, over all its steps', () => {
  const v = (value: string) => ({ value });
  const steps = [
    step(0, { before: { a: v('1'), b: v('1'), c: v('1') }, after: { a: v('2'), b: v('2'), c: v('1') } }),
    step(1, { before: { a: v('2'), b: v('2') }, after: { a: v('3'), b: v('1') } }),
  ];
  expect(changedByRun(run({ steps }))).toEqual([{ field: 'a', before: v('1') }]);
});
