import { act, screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { FakeEventSource } from '../../test/FakeEventSource';
import { open } from '../../test/open';
import { alert, busy, full, serve, workflow } from '../../test/server';

const resolved = { ...alert, id: 'al2', title: 'Was wrong', resolved_at: '2026-01-05T12:00:00Z' };

test('the bell counts what is new, and the page says what to do', async () => {
  const { asked, routes } = serve(full, {
    'GET /alerts': { data: [resolved, alert] },
    'POST /alerts/al1/read': { data: {} },
  });
  const { user } = open('/alerts');
  expect(await screen.findByRole('link', { name: 'Alerts: one is new' })).toHaveAttribute('aria-current', 'page');
  const [first, second] = await screen.findAllByRole('article');
  if (!first || !second) throw new Error('alerts are missing');
  expect(within(first).getByRole('heading', { name: alert.title })).toBeInTheDocument();
  expect(within(first).getByText('Problem')).toBeInTheDocument();
  expect(within(first).getByText(alert.message)).toBeInTheDocument();
  expect(await within(first).findByRole('link', { name: 'Open connection acme.service-now.com' })).toHaveAttribute(
    'href',
    '/integrations/servicenow/i1',
  );
  expect(within(second).getByText('Resolved')).toBeInTheDocument();
  expect(within(second).queryByRole('button')).not.toBeInTheDocument();

  routes['GET /alerts'] = { data: [{ ...alert, read: true }] };
  await user.click(within(first).getByRole('button', { name: 'Mark as read' }));
  expect(await screen.findByRole('link', { name: 'Alerts' })).toBeInTheDocument();
  expect(screen.queryByText('New')).not.toBeInTheDocument();
  expect(asked.filter((a) => a.method === 'POST')).toHaveLength(1);
});

test('open ones first, of these the new ones, then the latest; how often and when', async () => {
  const at = (hour: number) => `2026-01-05T${hour}:00:00Z`;
  serve(full, {
    'GET /alerts': {
      data: [
        { ...resolved, last_at: at(15) },
        { ...alert, id: 'a', title: 'Read', read: true, last_at: at(14) },
        { ...alert, id: 'b', title: 'Older', last_at: at(11), occurrences: 4 },
        { ...alert, id: 'c', title: 'Newer', last_at: at(13), level: 'warning', integration_id: undefined },
      ],
    },
  });
  open('/alerts');
  const cards = await screen.findAllByRole('article');
  expect(cards.map((c) => c.getAttribute('aria-label'))).toEqual(['Newer', 'Older', 'Read', 'Was wrong']);
  expect(cards[0]).toHaveTextContent('Warning');
  expect(within(cards[0] as HTMLElement).queryByRole('link')).not.toBeInTheDocument();
  expect(cards[1]).toHaveTextContent(/4 times, last/);
  expect(screen.getByRole('link', { name: 'Alerts: 2 are new' })).toBeInTheDocument();
});

test('a new alert arrives live, wherever one is', async () => {
  const { routes } = serve(full);
  open('/workflows');
  expect(await screen.findByRole('link', { name: 'Alerts' })).toBeInTheDocument();
  routes['GET /alerts'] = { data: [alert] };
  act(() => FakeEventSource.last.emit('changed'));
  expect(await screen.findByRole('link', { name: 'Alerts: one is new' })).toBeInTheDocument();
});

test('one that cannot be marked says why', async () => {
  serve(full, { 'GET /alerts': { data: [alert] }, 'POST /alerts/al1/read': busy });
  const { user } = open('/alerts');
  await user.click(await screen.findByRole('button', { name: 'Mark as read' }));
  expect(await screen.findByText('Not marked')).toBeInTheDocument();
});

test('fault 24: the alert of a workflow leads to its run and to exactly the permission', async () => {
  const failed = { ...alert, workflow_id: 'w1', run_id: 'r1' };
  serve(full, {
    'GET /alerts': { data: [failed, { ...failed, id: 'al3', title: 'Refused', permission_group: 'CLIENT_NOTES' }] },
  });
  open('/alerts');
  const [first, second] = await screen.findAllByRole('article');
  expect(within(first as HTMLElement).getByRole('link', { name: 'Open the run' })).toHaveAttribute('href', '/runs/r1');
  expect(within(second as HTMLElement).getByRole('link', { name: 'Change the permission' })).toHaveAttribute(
    'href',
    '/integrations/servicenow/i1#permission-CLIENT_NOTES',
  );
});

test('fault 24: “Nothing needs you” is never shown while the last run of a workflow failed', async () => {
  serve(full, { 'GET /workflows': { data: [{ ...workflow, last_run_failed: true }] } });
  open('/alerts');
  expect(await screen.findByRole('heading', { name: 'The last run of a workflow failed' })).toBeInTheDocument();
  expect(screen.queryByText('Nothing needs you')).not.toBeInTheDocument();
});

test('fault 24: nor when that is not known', async () => {
  serve(full, { 'GET /workflows': busy });
  open('/alerts');
  expect(await screen.findByText(/could not check the workflows/)).toBeInTheDocument();
  expect(screen.queryByText('Nothing needs you')).not.toBeInTheDocument();
});

test('nothing is wrong', async () => {
  serve(full);
  open('/alerts');
  expect(await screen.findByRole('heading', { name: 'Nothing needs you' })).toBeInTheDocument();
});
