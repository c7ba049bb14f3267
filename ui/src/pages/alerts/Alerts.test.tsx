import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { open } from '../../test/open';
import { alert, busy, full, serve } from '../../test/server';

test('the bell counts what is new, and the page says what to do', async () => {
  const { asked, routes } = serve(full, {
    'GET /alerts': { data: [alert, { ...alert, id: 'al2', title: 'Was wrong', resolved_at: '2026-01-05T11:00:00Z' }] },
    'POST /alerts/al1/read': { data: {} },
  });
  const { user } = open('/alerts');
  expect(await screen.findByRole('link', { name: 'Alerts: one is new' })).toBeInTheDocument();
  expect(await screen.findByRole('heading', { name: alert.title })).toBeInTheDocument();
  expect(screen.getByText(alert.message, { selector: '[data-alert=problem] *' })).toBeInTheDocument();
  expect(screen.getByText('Resolved')).toBeInTheDocument();
  routes['GET /alerts'] = { data: [{ ...alert, read: true }] };
  await user.click(screen.getByRole('button', { name: 'Mark as read' }));
  expect(await screen.findByRole('link', { name: 'Alerts' })).toBeInTheDocument();
  expect(asked.some((a) => a.method === 'POST')).toBe(true);
});

test('nothing is wrong', async () => {
  serve(full);
  open('/alerts');
  expect(await screen.findByText('Nothing needs you')).toBeInTheDocument();
});

test('alerts that cannot be loaded', async () => {
  serve(full, { 'GET /alerts': busy });
  open('/alerts');
  expect(await screen.findByText('The alerts could not be loaded')).toBeInTheDocument();
});
