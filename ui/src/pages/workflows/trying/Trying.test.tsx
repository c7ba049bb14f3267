import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test, vi } from 'vitest';
import type { Backtest, Trial } from '../../../api/client';
import { show } from '../../../test/open';
import { busy, notFound, serve, workflow } from '../../../test/server';
import { BacktestPanel } from './BacktestPanel';
import { partWords, placeWords } from './places';
import { ShadowPanel } from './ShadowPanel';
import { TestPanel } from './TestPanel';
import { VersionsPanel } from './VersionsPanel';

const { definition } = workflow;
const ticket = { integration_id: 'i1', class: 'incident', remote_id: 'abc' };

describe('test on a ticket', () => {
  const result: Trial = {
    ticket,
    number: 'INC1',
    title: 'VPN drops',
    matches: false,
    explanation: {
      triggered: true,
      triggers: [],
      matches: false,
      conditions: {
        field: 'category',
        operator: '=',
        wanted: 'network',
        found: { value: 'inquiry', display: 'Inquiry' },
        holds: false,
      },
    },
    steps: [
      {
        position: 0,
        action: 'ASSIGN_TICKET',
        plan: {
          write: { fields: { assignment_group: 'g1' } },
          outputs: { group: 'Network' },
          reason: 'named',
        },
        before: { assignment_group: { value: '' } },
        message: 'Would assign it.',
        approval: true,
      },
      { position: 1, action: 'ADD_WORK_NOTE', plan: { write: {} }, message: '', refused: 'Work Notes is Read Only.' },
      { position: 2, action: 'WAIT', plan: { write: {} }, message: '', error: 'There is no such field.' },
    ],
  };

  test('says step by step what would happen, what is asked, refused and wrong', async () => {
    const { asked } = serve({ 'POST /workflows/test': { data: result } });
    const { user, rerender } = show(<TestPanel definition={definition} />);
    await user.click(screen.getByRole('button', { name: 'Test' }));
    expect(screen.getByText(/Enter the number of a ticket/)).toBeInTheDocument();
    await user.type(screen.getByLabelText('Ticket number'), ' INC1 ');
    await user.click(screen.getByRole('button', { name: 'Test' }));
    const steps = within(await screen.findByRole('list', { name: 'Steps of the test' })).getAllByRole('listitem');
    expect(asked[0]?.body).toEqual({ definition, number: 'INC1' });
    expect(screen.getByText('Its conditions do not hold for this ticket')).toBeInTheDocument();
    expect(screen.getByRole('row', { name: /Category is “network” “Inquiry”/ })).toBeInTheDocument();
    const [first, second, third] = steps as [HTMLElement, HTMLElement, HTMLElement];
    expect(within(first).getByRole('row', { name: 'Assignment group empty Network' })).toBeInTheDocument();
    expect(first).toHaveTextContent('Asks a technician first');
    expect(first).toHaveTextContent('Why: named');
    expect(second).toHaveTextContent('Work Notes is Read Only.');
    expect(third).toHaveTextContent('There is no such field.');
    expect(screen.getByText('2 steps would not work')).toBeInTheDocument();

    rerender(<TestPanel definition={{ ...definition, name: 'Other' }} />);
    expect(screen.getByText(/was changed since this test/)).toBeInTheDocument();
  });

  test('an unknown ticket is told beside its number, a wrong definition beneath', async () => {
    const { routes } = serve({
      'POST /workflows/test': { status: 404, error: { code: 'not_found', message: 'There is no ticket INC9.' } },
    });
    const { user } = show(<TestPanel definition={definition} />);
    await user.type(screen.getByLabelText('Ticket number'), 'INC9');
    await user.click(screen.getByRole('button', { name: 'Test' }));
    expect(await screen.findByText('There is no ticket INC9.')).toBeInTheDocument();
    expect(screen.getByLabelText('Ticket number')).toBeInvalid();
    routes['POST /workflows/test'] = {
      status: 422,
      error: {
        code: 'invalid',
        message: 'The workflow has mistakes.',
        details: { mistakes: [{ path: 'actions[0].config.group', message: 'is empty.' }] },
      },
    };
    await user.click(screen.getByRole('button', { name: 'Test' }));
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('The workflow has mistakes.');
    expect(alert).toHaveTextContent('actions[0].config.group: is empty.');
  });
});

describe('backtest', () => {
  const running: Backtest = {
    id: 'b1',
    state: 'RUNNING',
    progress: 500,
    total: 2000,
    days: 30,
    message: '',
    created_by: 'Ada Admin',
    created_at: '2026-01-05T10:00:00Z',
  };
  const done: Backtest = {
    ...running,
    state: 'DONE',
    progress: 2000,
    result: {
      events: 50,
      tickets: 45,
      compared: 40,
      agreed: 30,
      fields: [{ field: 'urgency', cases: 40, agreed: 30 }],
      cases: [
        {
          number: 'INC1',
          ticket,
          at: '2026-01-05T10:00:00Z',
          title: 'VPN drops',
          changes: [
            {
              field: 'urgency',
              before: { value: '3', display: 'Low' },
              would: { value: '1', display: 'High' },
              became: { value: '2', display: 'Medium' },
              agreed: false,
            },
          ],
          also: ['Add work note'],
        },
      ],
    },
  };

  test('goes on until it is done, and shows what would have been', async () => {
    let answer = running;
    const { asked } = serve({
      'POST /backtests': { data: { ...running, progress: 0 } },
      'GET /backtests/b1': () => ({ data: answer }),
    });
    const { user } = show(<BacktestPanel definition={definition} />);
    await user.click(screen.getByRole('button', { name: 'Run backtest' }));
    expect(await screen.findByText('500 of 2,000 events')).toBeInTheDocument();
    expect(screen.getByRole('progressbar', { name: 'Progress of the backtest' })).toHaveAttribute(
      'aria-valuenow',
      '25',
    );
    expect(asked[0]?.body).toEqual({ definition, days: 30 });
    answer = done;
    const table = await screen.findByRole('table', { name: 'INC1: would be and became' });
    expect(within(table).getByRole('row', { name: 'Urgency Low High not the same Medium' })).toBeInTheDocument();
    expect(screen.getAllByText('75% (30 of 40)')).toHaveLength(1);
    expect(screen.getByText('Also: add work note')).toBeInTheDocument();
    expect(screen.getByText('The newest 1 cases')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'All as CSV' })).toHaveAttribute('href', '/api/v1/backtests/b1/csv');
    expect(screen.getByRole('button', { name: 'Run again' })).toBeEnabled();
  });

  test('is cancelled', async () => {
    let answer = running;
    const { asked } = serve({
      'POST /backtests': { data: running },
      'GET /backtests/b1': () => ({ data: answer }),
      'POST /backtests/b1/cancel': () => {
        answer = { ...running, state: 'CANCELLED' };
        return { data: answer };
      },
    });
    const { user } = show(<BacktestPanel definition={definition} />);
    await user.click(screen.getByRole('button', { name: 'Run backtest' }));
    await user.click(await screen.findByRole('button', { name: 'Cancel' }));
    expect(await screen.findByText('The backtest was cancelled.')).toBeInTheDocument();
    expect(asked.some((a) => a.path === '/backtests/b1/cancel')).toBe(true);
  });

  test.each([
    [{ ...running, state: 'FAILED', message: 'A rule is too slow.' }, 'A rule is too slow.'],
    [
      { ...done, result: { events: 0, tickets: 0, compared: 0, agreed: 0, fields: [], cases: [] } },
      /None of the 2,000 events/,
    ],
  ])('that came to nothing says so', async (answer, words) => {
    serve({ 'POST /backtests': { data: running }, 'GET /backtests/b1': { data: answer } });
    const { user } = show(<BacktestPanel definition={definition} />);
    await user.click(screen.getByRole('button', { name: 'Run backtest' }));
    expect(await screen.findByText(words)).toBeInTheDocument();
  });

  test('needs days, and says why it could not start', async () => {
    const { asked } = serve({ 'POST /backtests': busy });
    const { user } = show(<BacktestPanel definition={definition} />);
    await user.clear(screen.getByLabelText('Days back'));
    await user.click(screen.getByRole('button', { name: 'Run backtest' }));
    expect(screen.getByText('Enter 1 to 365 days.')).toBeInTheDocument();
    expect(asked).toHaveLength(0);
    await user.type(screen.getByLabelText('Days back'), '7');
    await user.click(screen.getByRole('button', { name: 'Run backtest' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('The backtest was not started');
  });
});

describe('versions', () => {
  const entries = [
    {
      version: 2,
      saved_at: '2026-01-05T10:00:00Z',
      saved_by: 'Ada Admin',
      summary: ['Action 1 (Assign ticket), group: “Networks” → “Network”.'],
    },
    { version: 1, saved_at: '2026-01-04T10:00:00Z', saved_by: '', summary: [] as string[] },
  ];
  const old = { ...entries[1], definition: { ...definition, name: 'Old' }, differences: [] };
  const newer = {
    ...entries[0],
    definition,
    differences: [{ path: 'actions[0].config.group', before: 'Networks', after: 'Network', text: '' }],
  };

  test('who, when, what changed; an older one is restored', async () => {
    serve({
      'GET /workflows/w1/versions': { data: entries },
      'GET /workflows/w1/versions/1': { data: old },
      'GET /workflows/w1/versions/2': { data: newer },
    });
    const onRestore = vi.fn();
    const { user } = show(<VersionsPanel id="w1" onRestore={onRestore} />);
    const now = await screen.findByRole('button', { name: /Version 2/ });
    expect(now).toHaveTextContent('Now');
    expect(now).toHaveTextContent('Ada Admin');
    expect(now).toHaveTextContent('Action 1 (Assign ticket), group');
    await user.click(now);
    expect(await screen.findByRole('row', { name: 'Action 1: group Networks Network' })).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: /Restore/ })).not.toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: /Version 1/ }));
    await user.click(await screen.findByRole('button', { name: 'Restore version 1' }));
    expect(onRestore).toHaveBeenCalledExactlyOnceWith(old.definition);
  });

  test('that cannot be loaded can be tried again', async () => {
    const { routes } = serve({ 'GET /workflows/w1/versions': busy });
    const { user } = show(<VersionsPanel id="w1" onRestore={() => {}} />);
    expect(await screen.findByRole('alert')).toHaveTextContent('The versions could not be loaded');
    routes['GET /workflows/w1/versions'] = { data: entries };
    await user.click(screen.getByRole('button', { name: 'Retry' }));
    await user.click(await screen.findByRole('button', { name: /Version 1/ }));
    expect(await screen.findByText('This version could not be loaded')).toBeInTheDocument();
  });
});

describe('shadow mode', () => {
  const shadow = {
    cases: 4,
    open: 2,
    agreed: 3,
    share: 0.75,
    recent: [
      {
        run_id: 'r1',
        ticket,
        title: 'VPN drops',
        also: [],
        number: 'INC1',
        at: '2026-01-05T10:00:00Z',
        changes: [
          { field: 'urgency', before: { value: '3' }, would: { value: '1' }, became: { value: '1' }, agreed: true },
          { field: 'impact', before: { value: '3' }, would: { value: '1' }, became: { value: '' }, agreed: false },
        ],
      },
    ],
  };

  test('how often technicians did the same, and the cases', async () => {
    serve({ 'GET /workflows/w1/shadow': { data: shadow } });
    show(<ShadowPanel id="w1" />);
    expect(await screen.findByText('75%')).toBeInTheDocument();
    expect(screen.getByText(/^Technicians did the same in 3 of 4 cases. 2 more wait/)).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'INC1' })).toHaveAttribute('href', '/runs/r1');
    expect(screen.getByRole('row', { name: 'Urgency 3 1 the same 1' })).toBeInTheDocument();
    expect(screen.getByRole('row', { name: 'Impact 3 1 not the same empty' })).toBeInTheDocument();
  });

  test.each([
    [{ data: { cases: 0, open: 0, agreed: 0, share: null, recent: [] } }, 'No cases yet'],
    [notFound, 'What shadow mode found could not be loaded'],
  ])('nothing to show', async (reply, words) => {
    serve({ 'GET /workflows/w1/shadow': reply });
    show(<ShadowPanel id="w1" />);
    await waitFor(() => expect(screen.getByText(words)).toBeInTheDocument());
  });
});

test.each([
  ['actions[1].config.group', 'Action 2: group'],
  ['actions[0]', 'Action 1'],
  ['actions[0].config.fields.urgency', 'Action 1: fields, urgency'],
  ['conditions', 'Conditions'],
  ['conditions.combinator', 'Conditions: combinator'],
  ['conditions.rules[1].value', 'Condition 2: value'],
  ['conditions.rules[1].rules[0]', 'Condition 2.1'],
  ['target_changes[0].target_field', 'Trigger 1: target field'],
  ['pause_after_failures', 'Pause after failures'],
])('%s is %s', (path, words) => expect(placeWords(path)).toBe(words));

test.each([
  ['Network', 'Network'],
  [true, 'yes'],
  [5, '5'],
  [{ field: 'category', operator: '=', value: 'network' }, 'Category is “network”'],
  [{ combinator: 'or', rules: [] }, 'Any of these is true'],
  [{ type: 'ASSIGN_TICKET', config: { group: 'Network' } }, 'Assign to Network'],
  [['a'], '["a"]'],
])('%j in words', (value, words) => expect(partWords(value).text).toBe(words));
