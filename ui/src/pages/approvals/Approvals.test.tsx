import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { FakeEventSource } from '../../test/FakeEventSource';
import { open } from '../../test/open';
import { approval, full, serve } from '../../test/server';
import { inOrder, isUrgent } from './states';

const inAnHour = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

test('what waits for me is counted in the menu and comes first, by its deadline', async () => {
  serve(full, {
    'GET /approvals': {
      data: [
        { ...approval, id: 'others', mine: false, text: 'Not for me?' },
        { ...approval, id: 'later', text: 'Later?', deadline: inAnHour(30) },
        { ...approval, id: 'soon', text: 'Soon?', deadline: inAnHour(0.5) },
      ],
    },
  });
  open('/approvals');
  expect(await screen.findByRole('link', { name: 'Approvals: 2 wait for you' })).toHaveAttribute('href', '/approvals');
  const list = await screen.findByRole('list', { name: 'Approvals' });
  const links = within(list).getAllByRole('link');
  expect(links.map((l) => l.getAttribute('href'))).toEqual([
    '/approvals/soon',
    '/approvals/later',
    '/approvals/others',
  ]);
  expect(links[0]).toHaveTextContent(/due in \d+ min/);
  expect(links[2]).toHaveTextContent('For others');
});

test('a new question arrives live, wherever one is', async () => {
  const { routes } = serve(full);
  open('/workflows');
  const link = await screen.findByRole('link', { name: 'Approvals' });
  routes['GET /approvals'] = { data: [approval] };
  act(() => FakeEventSource.last.emit('changed'));
  await waitFor(() => expect(link).toHaveAccessibleName('Approvals: one waits for you'));
});

test('the tabs ask for one state each, and the answer stands beside who gave it', async () => {
  const { asked } = serve(full, {
    'GET /approvals': ({ url }) => ({
      data:
        url.searchParams.get('state') === 'REJECTED'
          ? [{ ...approval, state: 'REJECTED', decided_by: 'Beth Anglin', gate: 'TICKETS' }]
          : [],
    }),
  });
  const { user } = open('/approvals');
  await user.click(await screen.findByRole('tab', { name: 'Rejected' }));
  const row = await screen.findByRole('link', { name: /May Neo raise/ });
  expect(row).toHaveTextContent('Beth Anglin');
  expect(row).toHaveTextContent('Tickets asks first');
  expect(window.location.search).toBe('?state=REJECTED');
  expect(asked.filter((a) => a.path === '/approvals').at(-1)?.search).toBe('?state=REJECTED');
});

test('older ones page by the last id', async () => {
  serve(full, {
    'GET /approvals': ({ url }) =>
      url.searchParams.get('cursor') === 'a1'
        ? { data: [{ ...approval, id: 'a0', text: 'Older?' }] }
        : { data: [approval], meta: { next_cursor: 'a1' } },
  });
  const { user } = open('/approvals');
  await user.click(await screen.findByRole('button', { name: 'Show older approvals' }));
  expect(await screen.findByText('Older?')).toBeInTheDocument();
});

test('one shows what would change, and is approved with a note', async () => {
  const decided = { ...approval, state: 'APPROVED', decided_by: 'Ada Admin', comment: 'Fine.' };
  const { asked, routes } = serve(full, { 'POST /approvals/a1/decision': { data: decided } });
  const { user } = open('/approvals/a1');
  const table = await screen.findByRole('table', { name: 'Planned changes' });
  expect(within(table).getByRole('row', { name: 'Assignment group empty On-Call' })).toBeInTheDocument();
  expect(screen.getByText('Raised.')).toBeInTheDocument();
  routes['GET /approvals/a1'] = { data: decided };
  await user.type(screen.getByLabelText('Note'), ' Fine. ');
  await user.click(screen.getByRole('button', { name: 'Approve' }));
  const answer = await screen.findByRole('region', { name: 'Decision' });
  await waitFor(() => expect(answer).toBeInTheDocument());
  expect(await screen.findByText(/^By Ada Admin/)).toBeInTheDocument();
  expect(screen.getByText('Fine.')).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Approve' })).not.toBeInTheDocument();
  expect(asked.find((a) => a.method === 'POST')?.body).toEqual({ action: 'approve', note: 'Fine.' });
});

test('stored values are shown as people know them', async () => {
  serve(full, {
    'GET /catalogue/choices': ({ url }) => ({
      data: url.searchParams.get('field') === 'priority' ? [{ value: '1', label: '1 - Critical' }] : [],
    }),
  });
  open('/approvals/a1');
  expect(await screen.findByRole('row', { name: 'Priority 3 - Moderate 1 - Critical' })).toBeInTheDocument();
});

test('asking for changes needs to say which', async () => {
  const { asked } = serve(full, { 'POST /approvals/a1/decision': { data: approval } });
  const { user } = open('/approvals/a1');
  await user.click(await screen.findByRole('button', { name: 'Ask for changes' }));
  expect(screen.getByText('Say what should be different.')).toBeInTheDocument();
  expect(screen.getByLabelText('Note')).toHaveFocus();
  expect(asked.some((a) => a.method === 'POST')).toBe(false);
  await user.type(screen.getByLabelText('Note'), 'Priority 2');
  await user.click(screen.getByRole('button', { name: 'Ask for changes' }));
  await waitFor(() =>
    expect(asked.find((a) => a.method === 'POST')?.body).toEqual({ action: 'ask_for_changes', note: 'Priority 2' }),
  );
});

test('somebody was faster: the answer that stands is shown, with why mine was not taken', async () => {
  const { routes } = serve(full, {
    'POST /approvals/a1/decision': {
      status: 409,
      error: { code: 'conflict', message: 'Beth Anglin has rejected this already.' },
    },
  });
  const { user } = open('/approvals/a1');
  const approve = await screen.findByRole('button', { name: 'Approve' });
  routes['GET /approvals/a1'] = { data: { ...approval, state: 'REJECTED', decided_by: 'Beth Anglin' } };
  await user.click(approve);
  expect(await screen.findByRole('alert')).toHaveTextContent('Beth Anglin has rejected this already.');
  expect(await screen.findByText(/^By Beth Anglin/)).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Approve' })).not.toBeInTheDocument();
});

test('who may not decide is told so', async () => {
  serve(full, {
    'POST /approvals/a1/decision': {
      status: 403,
      error: { code: 'forbidden', message: 'Only beth@example.com may decide this.' },
    },
  });
  const { user } = open('/approvals/a1');
  await user.click(await screen.findByRole('button', { name: 'Reject' }));
  const alert = await screen.findByRole('alert');
  expect(alert).toHaveTextContent('You may not decide this');
  expect(alert).toHaveTextContent('Only beth@example.com may decide this.');
});

test('one for others has no buttons, and a gate says where it comes from', async () => {
  serve(full, {
    'GET /approvals/a1': {
      data: {
        ...approval,
        mine: false,
        approvers: [],
        gate: 'CLIENT_NOTES',
        deadline: inAnHour(3),
        on_deadline: 'FAIL',
      },
    },
  });
  open('/approvals/a1');
  expect(await screen.findByText('Not yours to decide')).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Approve' })).not.toBeInTheDocument();
  expect(screen.getByText('Client-Facing Notes asks first.')).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'Permissions' })).toHaveAttribute(
    'href',
    '/integrations/servicenow/i1#permissions',
  );
  expect(screen.getByText(/Without an answer by then the run fails/)).toBeInTheDocument();
});

test('after an answer, the next that waits is one click away', async () => {
  serve(full, {
    'GET /approvals/a1': { data: { ...approval, state: 'EXPIRED', mine: false } },
    'GET /approvals': { data: [{ ...approval, id: 'a2', number: 'INC2' }] },
  });
  open('/approvals/a1');
  expect(await screen.findByText(/Nobody answered in time/)).toBeInTheDocument();
  expect(await screen.findByRole('link', { name: /Next: INC2/ })).toHaveAttribute('href', '/approvals/a2');
});

test('urgent is what ends within the hour', () => {
  const now = Date.now();
  expect(isUrgent({ ...approval, deadline: inAnHour(0.9) }, now)).toBe(true);
  expect(isUrgent({ ...approval, deadline: inAnHour(1.1) }, now)).toBe(false);
  expect(isUrgent({ ...approval, deadline: inAnHour(0.9), state: 'APPROVED' }, now)).toBe(false);
  expect(isUrgent(approval, now)).toBe(false);
});

test('decided ones come last, the newest of them first', () => {
  const at = (day: string) => `2026-01-${day}T10:00:00Z`;
  const list = inOrder([
    { ...approval, id: 'old', state: 'APPROVED', created_at: at('01') },
    { ...approval, id: 'new', state: 'EXPIRED', created_at: at('03') },
    { ...approval, id: 'open', created_at: at('02') },
  ]);
  expect(list.map((a) => a.id)).toEqual(['open', 'new', 'old']);
});
