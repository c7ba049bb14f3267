import { screen, waitFor, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import type { ConnectionStatus } from '../../api/client';
import { open } from '../../test/open';
import { form, full, health, inState, integration, serve } from '../../test/server';
import { clock } from '../../words/time';
import { notAnswering, worst } from './states';
import { closedAdvice, otherAddress } from './troubleshooting';

const since = '2026-01-05T14:02:00Z';
const from = '2026-01-05T13:59:00Z';
const silent: ConnectionStatus = { state: 'NOT_ANSWERING', message: 'x', since, waiting: 12, read_from: from };
const away = { ...integration, status: silent };
const hibernating = {
  'GET /integrations': { data: [away] },
  'GET /integrations/i1/health': { data: { ...health, state: 'failed', status: silent } },
};

test('fault 23: a connection that does not answer is amber wherever it shows, and says since when and what waits', {
  timeout: 90_000,
}, async () => {
  serve(full, hibernating);
  open('/integrations/servicenow');
  // The page is loaded with the first test that needs it.
  const banner = (await screen.findByText('ServiceNow does not answer', {}, { timeout: 60_000 })).closest(
    '[role=alert]',
  );
  expect(banner).toHaveTextContent(`No answer since ${clock(since)}.`);
  expect(banner).toHaveTextContent('12 workflow runs wait and go on when it answers.');
  expect(banner).toHaveTextContent(`Nothing is lost: Neo then reads every change again from ${clock(from)}.`);
  expect(banner).toHaveAttribute('data-status', 'NOT_ANSWERING');
  const panel = await screen.findByRole('region', { name: 'Health' });
  expect(within(panel).getByText('Not answering')).toBeInTheDocument();
  expect(screen.queryByText('ServiceNow connected')).not.toBeInTheDocument();
  expect(screen.queryByText('Working')).not.toBeInTheDocument();
});

test.each(['/integrations', '/integrations?tab=connected'])('fault 23: %s shows it on the tile', async (path) => {
  serve(full, hibernating);
  open(path);
  expect(await screen.findByText('Not answering')).toBeInTheDocument();
});

test('fault 23: other pages say so at their top, and what of the page itself is up to date', async () => {
  serve(full, hibernating);
  open('/alerts');
  const notice = await screen.findByRole('alert');
  expect(notice).toHaveTextContent('acme.service-now.com: not answering');
  expect(within(notice).getByRole('link', { name: 'See the connection' })).toHaveAttribute(
    'href',
    '/integrations/servicenow/i1',
  );
});

test('fault 23: the worst of several connections is on the tile', () => {
  const degraded = { ...integration, id: 'i2', status: { ...silent, state: 'DEGRADED' as const } };
  expect(worst([integration, degraded, away])?.id).toBe('i1');
  expect(worst([integration, degraded])?.id).toBe('i2');
  expect(worst([inState('DISCONNECTED')])).toBeUndefined();
});

test.each([
  [{ ...silent, waiting: 0, read_from: null }, /^No answer since .+\. Nothing is lost\. Open/],
  [{ ...silent, waiting: 1 }, /One workflow run waits and goes on/],
  [{ ...silent, since: null }, /^It does not answer\./],
])('fault 23: the words for %j', (status, words) => {
  expect(notAnswering(status)).toMatch(words);
});

async function reconnect(over: Partial<typeof integration> = {}) {
  vi.spyOn(window, 'open').mockImplementation(() => null);
  const { asked } = serve(full, {
    'GET /integrations': { data: [{ ...integration, ...over }] },
    'POST /integrations/servicenow/connect': { status: 400, error: { code: 'invalid', message: 'Not now.' } },
  });
  const { user } = open('/integrations/servicenow');
  await user.click(await screen.findByRole('button', { name: 'Reconnect' }));
  return { user, sent: () => asked.find((a) => a.method === 'POST')?.body };
}

test('fault 33: a reconnect keeps the secret that Neo has, unless it is for another application', async () => {
  const { user, sent } = await reconnect();
  expect(screen.getByText('Leave empty to keep the secret that Neo has.')).toBeInTheDocument();
  expect(screen.getByLabelText('Client Secret')).not.toBeRequired();
  await user.type(screen.getByLabelText('Client ID'), '2');
  expect(screen.getByLabelText('Client Secret')).toBeRequired();
  await user.type(screen.getByLabelText('Client ID'), '{Backspace}');
  await user.click(screen.getByRole('button', { name: 'Reconnect' }));
  await waitFor(() => expect(sent()).toMatchObject({ integration_id: 'i1', client_secret: '' }));
  expect(sent()).not.toHaveProperty('backfill_days');
});

test('fault 33: the older tickets that were chosen at a connect that failed are still chosen', async () => {
  const { user, sent } = await reconnect({ ...inState('FAILED'), backfill_days: 30 });
  expect(screen.getByLabelText('Read older tickets')).toHaveValue('30');
  await user.click(screen.getByRole('button', { name: 'Reconnect' }));
  await waitFor(() => expect(sent()).toMatchObject({ backfill_days: 30 }));
});

test('fault 35: the form says under which address to open Neo before consent begins', async () => {
  const right = 'https://neo.example.com';
  serve(full, {
    'GET /integrations': { data: [] },
    'GET /integrations/servicenow/form': { data: { ...form, redirect_url: `${right}/oauth/servicenow/callback` } },
  });
  open('/integrations/servicenow');
  const notice = await screen.findByRole('alert');
  expect(notice).toHaveTextContent('Neo is open under another address');
  expect(notice).toHaveTextContent(window.location.origin);
  expect(within(notice).getByRole('link', { name: right })).toHaveAttribute('href', `${right}/integrations/servicenow`);
  expect(screen.getByRole('button', { name: 'Connect ServiceNow' })).toBeDisabled();
});

test('fault 35: which addresses are another one, and which keep the consent from ending', () => {
  const here = { origin: 'http://localhost:8080', hostname: 'localhost' };
  expect(otherAddress('http://localhost:8080/oauth/servicenow/callback', here)).toBeNull();
  expect(otherAddress('http://localhost:9090/oauth/servicenow/callback', here)?.blocks).toBe(false);
  expect(otherAddress('http://127.0.0.1:8080/oauth/servicenow/callback', here)?.blocks).toBe(true);
  expect(otherAddress('nowhere', here)).toBeNull();
});

test('fault 35: a window that was closed on an error names the Client ID and Active too', () => {
  const advice = closedAdvice('https://neo.example.com/callback').join(' ');
  for (const word of ['unauthorized_client', 'Client ID', 'Active', 'Redirect URL', 'Instance URL', 'try again']) {
    expect(advice).toContain(word);
  }
});
