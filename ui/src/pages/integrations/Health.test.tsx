import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Health } from '../../api/client';
import { open } from '../../test/open';
import { busy, full, health, serve } from '../../test/server';
import { consentLook, deliveredColor, inspectionWords, notPlanted } from './states';

const answers = (over: Partial<Health>) => ({ 'GET /integrations/i1/health': { data: { ...health, ...over } } });
const rule = { name: 'business_rule', label: 'Business Rule', detail: 'It is not there.' };

async function panel() {
  return screen.findByRole('region', { name: 'Health' });
}

test('the health of a connection: what was found, how changes come, how far the sweep is, what to allow', async () => {
  serve(full);
  open('/integrations/servicenow');
  const h = await panel();
  expect(within(h).getByText('Working')).toBeInTheDocument();
  expect(within(h).getByText('Webhooks arrive')).toBeInTheDocument();
  const meter = within(h).getByRole('meter', { name: 'Share of changes that were delivered' });
  expect(meter).toHaveAttribute('aria-valuenow', '98');
  expect(within(h).getByText('98% of 41 changes were delivered')).toBeInTheDocument();
  const deliveries = within(h).getByRole('region', { name: 'Deliveries in the last hour' });
  expect(deliveries).toHaveTextContent('Webhook40Found by looking1Refused0');
  expect(within(h).getByRole('region', { name: 'Check for missed changes' })).toHaveTextContent('Found ever3');
  expect(within(h).getByRole('button', { name: 'Copy callback address' })).toBeInTheDocument();
  expect(within(h).getByRole('button', { name: 'Copy 203.0.113.7' })).toBeInTheDocument();
});

test('a sweep that is due is due now, not some time ago', async () => {
  serve(full, answers({ sweep: { ...health.sweep, next_at: new Date(Date.now() - 5_000).toISOString() } }));
  open('/integrations/servicenow');
  expect(await screen.findByRole('region', { name: 'Check for missed changes' })).toHaveTextContent('Nextnow');
});

test('while nothing has happened yet, every block says so', async () => {
  serve(
    full,
    answers({
      checked_at: null,
      checks: [],
      deliveries: { last_at: null, webhook: 0, sweep: 0, refused: 0, share: null },
      sweep: { at: null, next_at: null, watermark: null, found: 0, error: 'acme does not answer.' },
      consent_ends_at: null,
      outgoing_addresses: [],
    }),
  );
  open('/integrations/servicenow');
  const h = await panel();
  for (const text of [
    /Neo has not looked yet/,
    'No ticket has changed.',
    'the first is about to begin',
    /The last one did not end well: acme does not answer./,
    /Whoever runs this Neo states its addresses with NEO_OUTGOING_ADDRESSES/,
  ]) {
    expect(within(h).getByText(text)).toBeInTheDocument();
  }
  expect(within(h).queryByRole('meter')).not.toBeInTheDocument();
  expect(within(h).queryByRole('region', { name: 'Consent' })).not.toBeInTheDocument();
});

test('Check now looks at the instance, and says what it has come to', async () => {
  const { routes } = serve(full, {
    'POST /integrations/i1/inspect': {
      data: {
        ...health,
        state: 'failed',
        status: { ...health.status, state: 'ACTION_NEEDED', message: 'Business Rule: It is not there.' },
        checks: [{ ...rule, state: 'failed', remedies: ['Have an administrator import the update set.'] }],
      },
    },
  });
  const { user } = open('/integrations/servicenow');
  await user.click(within(await panel()).getByRole('button', { name: 'Check now' }));
  expect(await screen.findByText('Action needed')).toBeInTheDocument();
  expect(screen.getByText('Checked: see to Business Rule.')).toBeInTheDocument();
  expect(screen.getByText('Have an administrator import the update set.')).toBeInTheDocument();

  const message = 'acme.service-now.com has not answered yet. Neo goes on asking; look again in a minute.';
  routes['POST /integrations/i1/inspect'] = { status: 503, error: { code: 'unavailable', message } };
  await user.click(screen.getByRole('button', { name: 'Check now' }));
  expect(await screen.findByText(message)).toBeInTheDocument();
});

test('a health that is not there yet, and one that cannot be loaded', async () => {
  const { routes } = serve(full, { 'GET /integrations/i1/health': 'never' });
  const { client } = open('/integrations/servicenow');
  expect(await screen.findByRole('status', { name: 'Loading health' })).toBeInTheDocument();
  routes['GET /integrations/i1/health'] = busy;
  await client.resetQueries({ queryKey: ['health'] });
  expect(await screen.findByText('Could not load connection health')).toBeInTheDocument();
});

test('the reading of older tickets is paused and resumed', async () => {
  const paused = { ...health, backfill: { ...health.backfill, state: 'PAUSED' as const, seconds_left: null } };
  const { asked, routes } = serve(full, { 'POST /integrations/i1/backfill': { data: paused } });
  const { user } = open('/integrations/servicenow');
  const h = await panel();
  expect(within(h).getByRole('progressbar', { name: 'Older tickets read' })).toBeInTheDocument();
  expect(within(h).getByText('50 of 200 tickets of the last 90 days; 25 a second, 6.0 s left')).toBeInTheDocument();
  await user.click(within(h).getByRole('button', { name: 'Pause reading older tickets' }));
  expect(await within(h).findByText('50 of 200 tickets of the last 90 days; paused')).toBeInTheDocument();
  routes['POST /integrations/i1/backfill'] = { data: health };
  await user.click(within(h).getByRole('button', { name: 'Resume reading older tickets' }));
  expect(await within(h).findByText(/25 a second/)).toBeInTheDocument();
  expect(asked.filter((a) => a.path.endsWith('/backfill')).map((a) => a.body)).toEqual([
    { action: 'pause' },
    { action: 'resume' },
  ]);
});

test.each([
  ['NONE', 0, /^None were read/, 'Read'],
  ['DONE', 30, /^50 tickets of the last 30 days were read/, 'Read again'],
  ['PAUSED', 30, /paused$/, 'Start over'],
] as const)('older tickets, %s, are read over another span', async (state, days, words, button) => {
  const { asked } = serve(full, answers({ backfill: { ...health.backfill, state, days } }), {
    'POST /integrations/i1/backfill': { status: 409, error: { code: 'conflict', message: 'Not now.' } },
  });
  const { user } = open('/integrations/servicenow');
  const h = await panel();
  expect(within(h).getByText(words)).toBeInTheDocument();
  const field = within(h).getByLabelText('Days back');
  await user.clear(field);
  await user.type(field, '400');
  await user.click(within(h).getByRole('button', { name: button }));
  await waitFor(() =>
    expect(asked.find((a) => a.path.endsWith('/backfill'))?.body).toEqual({ action: 'start', days: 400 }),
  );
  expect(await screen.findByText('Not now.')).toBeInTheDocument();
});

test('a consent that ends soon says what to do', async () => {
  serve(full, answers({ consent_ends_at: new Date(Date.now() + 2.5 * 86_400_000).toISOString() }));
  open('/integrations/servicenow');
  const consent = await screen.findByRole('region', { name: 'Consent' });
  expect(within(consent).getByText('2 days left')).toBeInTheDocument();
  expect(within(consent).getByText(/that begins another 100 days/)).toBeInTheDocument();
});

test.each([
  [99, 'gray', '99 days left'],
  [15, 'gray', '15 days left'],
  [14, 'orange', '14 days left'],
  [4, 'orange', '4 days left'],
  [3, 'red', '3 days left'],
  [1, 'red', '1 day left'],
  [0, 'red', 'ends today'],
  [-1, 'red', 'ended'],
])('consent for %s days is %s', (days, color, text) => {
  expect(consentLook(days)).toEqual({ color, text });
});

test('words and colours of what was found', () => {
  expect(deliveredColor(0.9)).toBe('green');
  expect(deliveredColor(0.89)).toBe('orange');
  expect(inspectionWords([{ ...rule, state: 'ok' }])).toBe('Checked: all is well.');
  const property = { ...rule, name: 'callback_property' };
  expect(notPlanted([{ ...rule, state: 'ok' }])).toBeNull();
  expect(
    notPlanted([
      { ...rule, state: 'failed' },
      { ...property, state: 'ok' },
    ]),
  ).toEqual([{ ...rule, state: 'failed' }]);
});
