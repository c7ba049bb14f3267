import { screen } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { open } from '../test/open';
import { busy, full, notFound, serve } from '../test/server';

/** Each page: where it is, what it asks for, and what it says when that is there, missing, late or refused. */
const pages = [
  {
    path: '/integrations?tab=connected',
    asks: 'GET /integrations',
    loaded: 'acme.service-now.com',
    failed: 'Your integrations could not be loaded',
  },
  {
    path: '/integrations/servicenow',
    asks: 'GET /integrations',
    loaded: 'ServiceNow connected',
    failed: 'The connection could not be loaded',
  },
  {
    path: '/integrations/servicenow',
    asks: 'GET /integrations/servicenow/form',
    loaded: 'ServiceNow connected',
    failed: 'The connection could not be loaded',
  },
  {
    path: '/workflows',
    asks: 'GET /workflows',
    loaded: 'Route network incidents',
    failed: 'The workflows could not be loaded',
  },
  {
    path: '/workflows/w1',
    asks: 'GET /workflows/w1',
    loaded: 'What it does',
    failed: 'The workflow could not be loaded',
  },
  {
    path: '/workflows/w1/edit',
    asks: 'GET /workflows/w1',
    loaded: 'In words',
    failed: 'The workflow could not be loaded',
  },
  { path: '/events', asks: 'GET /history', loaded: 'INC0000002', failed: 'The Event History could not be loaded' },
  { path: '/events/e1', asks: 'GET /events/e1', loaded: 'What Neo did', failed: 'The event could not be loaded' },
  { path: '/alerts', asks: 'GET /alerts', loaded: 'Nothing needs you', failed: 'Could not load the alerts' },
  {
    path: '/approvals',
    asks: 'GET /approvals',
    loaded: 'Nothing waits for an answer',
    failed: 'The approvals could not be loaded',
  },
  {
    path: '/approvals/a1',
    asks: 'GET /approvals/a1',
    loaded: 'May Neo raise the priority?',
    failed: 'The approval could not be loaded',
  },
  {
    path: '/scheduled-work',
    asks: 'GET /scheduled-work',
    loaded: 'After lunch.',
    failed: 'The scheduled work could not be loaded',
  },
  {
    path: '/settings',
    asks: 'GET /settings',
    loaded: 'Time zone and business hours',
    failed: 'The settings could not be loaded',
  },
  {
    path: '/settings?tab=endpoints',
    asks: 'GET /endpoints',
    loaded: 'On-call',
    failed: 'The message endpoints could not be loaded',
  },
  {
    path: '/settings?tab=api-keys',
    asks: 'GET /api-keys',
    loaded: 'neo_sk_…x7Qa',
    failed: 'The API keys could not be loaded',
  },
  { path: '/runs/r1', asks: 'GET /runs/r1', loaded: 'Steps', failed: 'The run could not be loaded' },
];

describe.each(pages)('$path, for $asks', ({ path, asks, loaded, failed }) => {
  test('shows what is there', async () => {
    serve(full);
    open(path);
    expect(await screen.findByText(loaded)).toBeInTheDocument();
    expect(document.title).toMatch(/ – Neo Agent$/);
  });

  test('shows that it waits', async () => {
    serve(full, { [asks]: 'never' });
    open(path);
    expect(await screen.findByRole('heading', { level: 1 })).toBeInTheDocument();
    expect(await screen.findByRole('status', { name: 'Loading' })).toBeInTheDocument();
  });

  test('says what failed and recovers by Retry', async () => {
    const { routes } = serve(full, { [asks]: busy });
    const { user } = open(path);
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent(failed);
    expect(alert).toHaveTextContent('Something went wrong inside Neo. The server log has the details.');
    expect(alert).toHaveTextContent('r1');
    Object.assign(routes, full);
    await user.click(screen.getByRole('button', { name: 'Retry' }));
    expect(await screen.findByText(loaded)).toBeInTheDocument();
  });
});

test.each([
  [
    '/integrations?tab=connected',
    { 'GET /integrations': { data: [] } },
    'Nothing is connected yet',
    'Set up ServiceNow',
  ],
  ['/workflows', { 'GET /workflows': { data: [] } }, 'No workflows yet', 'New workflow'],
  [
    '/events',
    { 'GET /history': { data: null }, 'GET /integrations': { data: [] } },
    'Nothing has happened yet',
    'Connect ServiceNow',
  ],
  ['/events?ticket=CHG', { 'GET /history': { data: [] } }, 'No event matches these filters', 'Show all events'],
  ['/workflows/gone', {}, 'There is no such workflow', 'Show all workflows'],
  ['/workflows/gone/edit', {}, 'There is no such workflow', 'Show all workflows'],
  ['/events/gone', {}, 'There is no such event', 'Go to the Event History'],
  ['/approvals/gone', {}, 'There is no such approval', 'Show all approvals'],
  ['/runs/gone', { 'GET /runs/gone': notFound }, 'There is no such run', 'Go to the Event History'],
  ['/integrations/servicenow/gone', {}, 'There is no such connection', 'Show what is connected'],
  ['/nowhere', {}, 'There is nothing at this address', 'Go to the Event History'],
])('%s with nothing to show says what to do', async (path, table, title, action) => {
  serve(full, table);
  open(path);
  expect(await screen.findByRole('heading', { name: title })).toBeInTheDocument();
  expect(await screen.findByRole('link', { name: action })).toBeInTheDocument();
});
