import { act, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { FakeEventSource } from '../../test/FakeEventSource';
import { open } from '../../test/open';
import { form, full, inState, integration, serve } from '../../test/server';

const none = { 'GET /integrations': { data: [] } };
const pending = {
  id: 'a1',
  integration_id: 'i1',
  outcome: 'PENDING',
  message: '',
  checks: [],
  expires_at: '2999-01-01T00:00:00Z',
};
const begun = { status: 201, data: { ...pending, authorize_url: 'https://acme.service-now.com/oauth_auth.do?x=1' } };

let popup: { closed: boolean; close: () => void; focus: () => void; location: { href: string }; document: Document };

beforeEach(() => {
  popup = {
    closed: false,
    close: () => {
      popup.closed = true;
    },
    focus: () => {},
    location: { href: 'about:blank' },
    document: document.implementation.createHTMLDocument(),
  };
  vi.spyOn(window, 'open').mockImplementation(() => popup as unknown as Window);
});

async function fillIn(user: ReturnType<typeof open>['user'], url = 'https://acme.service-now.com') {
  const address = await screen.findByLabelText('Instance URL');
  await user.clear(address);
  await user.type(address, url);
  await user.type(screen.getByLabelText('Client ID'), ' client-1 ');
  await user.type(screen.getByLabelText('Client Secret'), 'hush');
  await user.click(screen.getByRole('button', { name: 'Connect ServiceNow' }));
}

const fields = () => ({
  url: screen.getByLabelText('Instance URL'),
  id: screen.getByLabelText('Client ID'),
  secret: screen.getByLabelText('Client Secret'),
});

/** What the popup posts when it comes back. */
function post(data: unknown, origin = window.location.origin) {
  act(() => void window.dispatchEvent(new MessageEvent('message', { data, origin })));
}

test('the form shows the Redirect URL, and fills in the simulated instance of a demo', async () => {
  serve(full, none, {
    'GET /integrations/servicenow/form': { data: { ...form, suggested_url: 'http://127.0.0.1:8421' } },
  });
  open('/integrations/servicenow');
  expect(await screen.findByLabelText('Redirect URL')).toHaveValue(form.redirect_url);
  expect(screen.getByLabelText('Redirect URL')).toHaveAttribute('readonly');
  expect(screen.getByText(/byte for byte/)).toBeInTheDocument();
  expect(screen.getByLabelText('Instance URL')).toHaveValue('http://127.0.0.1:8421');
  expect(screen.getByLabelText('Client Secret')).toHaveAttribute('type', 'password');
});

test('from the button to the green banner', async () => {
  const { asked, routes } = serve(full, none, {
    'POST /integrations/servicenow/connect': begun,
    'GET /integrations/servicenow/attempts/a1': { data: pending },
  });
  const { user } = open('/integrations/servicenow');
  await fillIn(user);
  expect(await screen.findByText(/Waiting for you to sign in/)).toBeInTheDocument();
  expect(popup.location.href).toBe(begun.data.authorize_url);
  expect(asked.find((a) => a.method === 'POST')?.body).toEqual({
    instance_url: 'https://acme.service-now.com',
    client_id: 'client-1',
    client_secret: 'hush',
    backfill_days: 90,
  });

  Object.assign(routes, {
    'GET /integrations': { data: [{ ...integration, simulated: true }] },
    'GET /integrations/servicenow/attempts/a1': { data: { ...pending, outcome: 'SUCCESS' } },
  });
  post({ type: 'neo:connect', attempt: 'a1', ok: true });
  expect(await screen.findByText('ServiceNow connected')).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'https://acme.service-now.com' })).toBeInTheDocument();
  for (const text of [
    'Simulated instance',
    'Neo Agent user',
    'neo.agent',
    integration.identity.remote_id,
    'READY_TO_SYNC',
  ]) {
    expect(screen.getByText(text)).toBeInTheDocument();
  }
  expect(screen.getByRole('img', { name: 'Warning' })).toBeInTheDocument();
});

test('a wrong address is said at its field before anything is asked', async () => {
  const { asked } = serve(full, none);
  const { user } = open('/integrations/servicenow');
  await fillIn(user, 'https://acme.service-now.com/now');
  expect(await screen.findByText(form.instance_url_rule)).toBeInTheDocument();
  expect(screen.getByText('It has more than the host. Remove “/now”.')).toBeInTheDocument();
  expect(fields().url).toBeInvalid();
  expect(fields().url).toHaveFocus();
  expect(window.open).not.toHaveBeenCalled();
  expect(asked.some((a) => a.method === 'POST')).toBe(false);
  await user.clear(fields().url);
  expect(screen.queryByText(form.instance_url_rule)).not.toBeInTheDocument();
});

test('an address that only the server refuses is said the same way, and everything stays as typed', async () => {
  serve(full, none, {
    'POST /integrations/servicenow/connect': {
      status: 400,
      error: { code: 'invalid', message: form.instance_url_rule },
    },
  });
  const { user } = open('/integrations/servicenow');
  await fillIn(user, 'https://gone.service-now.com');
  expect(await screen.findByText(form.instance_url_rule)).toBeInTheDocument();
  expect(fields().url).toBeInvalid();
  expect(fields().url).toHaveValue('https://gone.service-now.com');
  expect(fields().secret).toHaveValue('hush');
  expect(popup.closed).toBe(true);
});

test.each([
  ['None', 0],
  ['Of the last year', 365],
])('older tickets: %s', async (label, days) => {
  const { asked } = serve(full, none, {
    'POST /integrations/servicenow/connect': begun,
    'GET /integrations/servicenow/attempts/a1': { data: pending },
  });
  const { user } = open('/integrations/servicenow');
  expect(await screen.findByLabelText('Read older tickets')).toHaveValue('90');
  await user.selectOptions(screen.getByLabelText('Read older tickets'), label);
  await fillIn(user);
  await screen.findByText(/Waiting for you/);
  expect(asked.find((a) => a.method === 'POST')?.body).toMatchObject({ backfill_days: days });
});

test('older tickets of any number of days; on a reconnect it is not asked', async () => {
  const { asked } = serve(full, none, {
    'POST /integrations/servicenow/connect': begun,
    'GET /integrations/servicenow/attempts/a1': { data: pending },
  });
  const { user } = open('/integrations/servicenow');
  await user.selectOptions(await screen.findByLabelText('Read older tickets'), 'Another number of days');
  const days = screen.getByLabelText('Number of days');
  await user.clear(days);
  await user.type(days, '7');
  await fillIn(user);
  await screen.findByText(/Waiting for you/);
  expect(asked.find((a) => a.method === 'POST')?.body).toMatchObject({ backfill_days: 7 });
});

test('a failed consent keeps the form, never the secret', async () => {
  const message = 'OAuth callback failed: invalid_client';
  const { routes } = serve(full, none, {
    'POST /integrations/servicenow/connect': begun,
    'GET /integrations/servicenow/attempts/a1': { data: pending },
  });
  const { user } = open('/integrations/servicenow');
  await fillIn(user);
  await screen.findByText(/Waiting for you/);
  Object.assign(routes, {
    'GET /integrations/servicenow/attempts/a1': { data: { ...pending, outcome: 'FAILURE', message } },
  });
  post({ type: 'neo:connect', attempt: 'a1', ok: false }, 'https://evil.example'); // not ours: ignored
  post({ type: 'neo:connect', attempt: 'a1', ok: false });
  expect(await screen.findByText(message)).toBeInTheDocument();
  expect(fields().url).toHaveValue('https://acme.service-now.com');
  expect(fields().id).toHaveValue(' client-1 ');
  expect(fields().secret).toHaveValue('');
});

test('a blocked popup leaves a link that works', async () => {
  vi.mocked(window.open).mockReturnValue(null);
  serve(full, none, {
    'POST /integrations/servicenow/connect': begun,
    'GET /integrations/servicenow/attempts/a1': { data: pending },
  });
  const { user } = open('/integrations/servicenow');
  await fillIn(user);
  const link = await screen.findByRole('link', { name: 'Open ServiceNow’s consent page' });
  expect(link).toHaveAttribute('href', begun.data.authorize_url);
  expect(link).toHaveAttribute('rel', 'opener');
});

test('a popup that was closed is explained with the exact Redirect URL; cancelling goes back to the form', async () => {
  serve(full, none, {
    'POST /integrations/servicenow/connect': begun,
    'GET /integrations/servicenow/attempts/a1': { data: pending },
  });
  const { user } = open('/integrations/servicenow');
  await fillIn(user);
  await user.click(await screen.findByRole('button', { name: 'Cancel' }));
  expect(screen.getByRole('button', { name: 'Connect ServiceNow' })).toBeEnabled();
  popup.closed = false;
  await user.click(screen.getByRole('button', { name: 'Connect ServiceNow' }));
  await screen.findByText(/Waiting for you/);
  popup.closed = true;
  const alert = await screen.findByRole('alert', undefined, { timeout: 6000 });
  expect(alert).toHaveTextContent('The window was closed before consent was complete');
  expect(alert).toHaveTextContent(`must be exactly ${form.redirect_url}`);
  expect(fields().secret).toHaveValue('');
});

test('while Neo checks the connection, each line shows with its result and its remedy', async () => {
  const checks = [
    { name: 'token', label: 'Access token by refresh', state: 'ok', detail: 'It works.' },
    {
      name: 'email',
      label: 'Email (sent via PSA)',
      state: 'warning',
      detail: 'Optional.',
      remedies: ['Assign the email_api_send role.'],
    },
    { name: 'business_rule', label: 'Business Rule', state: 'running', detail: '' },
  ];
  const { routes } = serve(full, none, {
    'POST /integrations/servicenow/connect': begun,
    'GET /integrations/servicenow/attempts/a1': { data: pending },
  });
  const { user } = open('/integrations/servicenow');
  await fillIn(user);
  await screen.findByText(/Waiting for you to sign in/);
  routes['GET /integrations/servicenow/attempts/a1'] = { data: { ...pending, outcome: 'RUNNING', checks } };
  post({ type: 'neo:connect', attempt: 'a1', ok: true });
  expect(await screen.findByText('Access token by refresh')).toBeInTheDocument();
  expect(screen.getByText('Assign the email_api_send role.')).toBeInTheDocument();
  expect(screen.getByLabelText('Checking')).toBeInTheDocument();
});

test('what failed after consent is said with its remedies', async () => {
  const message = 'Insufficient privileges: Neo’s account may not read tickets.';
  const checks = [
    { name: 'identity', label: 'Identity', state: 'ok', detail: 'Neo acts as joe.' },
    { name: 'tickets', label: 'Read tickets', state: 'failed', detail: '', remedies: ['Assign the itil role.'] },
  ];
  const { routes } = serve(full, none, {
    'POST /integrations/servicenow/connect': begun,
    'GET /integrations/servicenow/attempts/a1': { data: pending },
  });
  const { user } = open('/integrations/servicenow');
  await fillIn(user);
  await screen.findByText(/Waiting for you to sign in/);
  routes['GET /integrations/servicenow/attempts/a1'] = { data: { ...pending, outcome: 'FAILURE', message, checks } };
  post({ type: 'neo:connect', attempt: 'a1', ok: false });
  const alert = await screen.findByRole('alert');
  expect(alert).toHaveTextContent(message);
  expect(within(alert).getByText('Assign the itil role.')).toBeInTheDocument();
  expect(within(alert).queryByText('Identity')).not.toBeInTheDocument();
});

test('the connection that is being made shows once: as the checklist of the form', async () => {
  const checks = [{ name: 'token', label: 'Access token by refresh', state: 'running' as const, detail: '' }];
  const { routes } = serve(full, none, {
    'POST /integrations/servicenow/connect': begun,
    'GET /integrations/servicenow/attempts/a1': { data: pending },
  });
  const { user } = open('/integrations/servicenow');
  await fillIn(user);
  await screen.findByText(/Waiting for you to sign in/);
  routes['GET /integrations'] = { data: [inState('CONNECTING', { checks })] };
  routes['GET /integrations/servicenow/attempts/a1'] = { data: { ...pending, outcome: 'RUNNING', checks } };
  act(() => FakeEventSource.last.emit('changed'));
  expect(await screen.findByRole('list', { name: 'What Neo verifies' })).toBeInTheDocument();
  expect(screen.queryByText('Neo is setting up the connection')).not.toBeInTheDocument();

  routes['GET /integrations'] = { data: [inState('SETUP_REQUIRED')] };
  routes['GET /integrations/servicenow/attempts/a1'] = { data: { ...pending, outcome: 'SUCCESS', checks } };
  expect(await screen.findByText(/one step is left: an administrator must plant the rule/)).toBeInTheDocument();
  await waitFor(() => expect(screen.queryByRole('form')).not.toBeInTheDocument());
});

test('a reconnect names the connection', async () => {
  const { asked } = serve(full, {
    'POST /integrations/servicenow/connect': begun,
    'GET /integrations/servicenow/attempts/a1': { data: pending },
  });
  const { user } = open('/integrations/servicenow');
  await user.click(await screen.findByRole('button', { name: 'Reconnect' }));
  await user.type(fields().secret, 'new');
  await user.click(screen.getByRole('button', { name: 'Reconnect' })); // there is only one
  await waitFor(() => expect(asked.find((a) => a.method === 'POST')?.body).toMatchObject({ integration_id: 'i1' }));
  expect(asked.find((a) => a.method === 'POST')?.body).not.toHaveProperty('backfill_days');
});
