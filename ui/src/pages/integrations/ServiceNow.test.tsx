import { act, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { open } from '../../test/open';
import { busy, form, full, health, integration, serve } from '../../test/server';

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
  expect(alert).toHaveTextContent(`It must be exactly ${form.redirect_url}`);
  expect(fields().secret).toHaveValue('');
});

test.each([
  ['FAILED', 'ServiceNow is not connected', 'Insufficient privileges. Give it the role itil.'],
  ['RECONNECT_REQUIRED', 'ServiceNow needs your consent again', ''],
])('%s has a banner, and a form to reconnect with all but the secret', async (state, title, message) => {
  const { asked } = serve(full, {
    'GET /integrations': { data: [{ ...integration, state, message }] },
    'POST /integrations/servicenow/connect': begun,
    'GET /integrations/servicenow/attempts/a1': { data: pending },
  });
  const { user } = open('/integrations/servicenow');
  expect(await screen.findByText(title)).toBeInTheDocument();
  if (message) expect(screen.getByText(message)).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Reconnect' }));
  expect(screen.queryByLabelText('Read older tickets')).not.toBeInTheDocument();
  expect(fields().url).toHaveValue('https://acme.service-now.com');
  expect(fields().id).toHaveValue('client-1');
  expect(fields().secret).toHaveValue('');
  await user.type(fields().secret, 'new');
  await user.click(screen.getByRole('button', { name: 'Reconnect' })); // there is only one
  await waitFor(() => expect(asked.find((a) => a.method === 'POST')?.body).toMatchObject({ integration_id: 'i1' }));
});

test('several connections are all shown', async () => {
  const second = { ...integration, id: 'i2', instance_url: 'https://emea.service-now.com', state: 'FAILED' };
  serve(full, { 'GET /integrations': { data: [integration, second] } });
  open('/integrations/servicenow');
  expect(await screen.findByText('ServiceNow connected')).toBeInTheDocument();
  expect(screen.getByText('ServiceNow is not connected')).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Connect another instance' })).toBeInTheDocument();
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

test('the health of a connection: what was found, how changes come, how far the backfill is', async () => {
  const { asked } = serve(full, {
    'POST /integrations/i1/inspect': {
      data: {
        ...health,
        state: 'failed',
        checks: [
          {
            name: 'business_rule',
            label: 'Business Rule',
            state: 'failed',
            detail: 'It is not there.',
            remedies: ['Have an administrator import the update set.'],
          },
        ],
      },
    },
    'POST /integrations/i1/backfill': { data: { ...health, backfill: { ...health.backfill, state: 'PAUSED' } } },
  });
  const { user } = open('/integrations/servicenow/i1');
  expect(await screen.findByText('Healthy')).toBeInTheDocument();
  expect(screen.getByText('98 % of 41 changes')).toBeInTheDocument();
  expect(screen.getByText(/50 of 200; 25 a second, 6.0 s left/)).toBeInTheDocument();
  expect(screen.getByText('203.0.113.7')).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Pause reading older tickets' }));
  expect(await screen.findByText(/50 of 200; paused/)).toBeInTheDocument();
  expect(asked.find((a) => a.path.endsWith('/backfill'))?.body).toEqual({ action: 'pause' });
  await user.click(screen.getByRole('button', { name: 'Check now' }));
  expect(await screen.findByText('Not working')).toBeInTheDocument();
  expect(screen.getByText('Have an administrator import the update set.')).toBeInTheDocument();
});

test('a health that cannot be loaded says so and can be tried again', async () => {
  serve(full, { 'GET /integrations/i1/health': busy });
  open('/integrations/servicenow/i1');
  expect(await screen.findByText('How the connection does could not be loaded')).toBeInTheDocument();
});

test('an account that may not plant gets the files for an administrator', async () => {
  const { asked } = serve(full, {
    'GET /integrations': { data: [{ ...integration, state: 'SETUP_REQUIRED', message: 'One step is left.' }] },
    'POST /integrations/i1/setup-files': {
      data: { file_name: 'neo-agent-setup.xml', update_set: '<unload/>', background_script: '// plant' },
    },
    'POST /integrations/i1/inspect': { data: health },
  });
  const { user } = open('/integrations/servicenow/i1');
  await screen.findByText('Connected; one step is left');
  expect(asked.some((a) => a.path.endsWith('/setup-files'))).toBe(false);
  await user.click(screen.getByRole('button', { name: 'Prepare the files' }));
  expect(await screen.findByRole('button', { name: 'Download neo-agent-setup.xml' })).toBeInTheDocument();
  await user.click(screen.getByRole('tab', { name: 'Background script' }));
  expect(screen.getByText('// plant')).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Verify' }));
  expect(await screen.findByText('Both are in place.')).toBeInTheDocument();
});

test('disconnecting asks first, and says what could not be removed', async () => {
  const { asked } = serve(full, {
    'POST /integrations/i1/disconnect': {
      data: {
        integration: { ...integration, state: 'DISCONNECTED' },
        checks: [{ name: 'business_rule', label: 'Business Rule', state: 'warning', detail: 'It is still there.' }],
      },
    },
  });
  const { user } = open('/integrations/servicenow/i1');
  await user.click(await screen.findByRole('button', { name: 'Disconnect' }));
  const dialog = await screen.findByRole('dialog');
  expect(dialog).toHaveTextContent('The history stays');
  expect(asked.some((a) => a.path.endsWith('/disconnect'))).toBe(false);
  await user.click(within(dialog).getByRole('button', { name: 'Disconnect' }));
  expect(await screen.findByText('It is still there.')).toBeInTheDocument();
});

test('a connection that was ended says so, and can be made again', async () => {
  serve(full, { 'GET /integrations': { data: [{ ...integration, state: 'DISCONNECTED', message: '' }] } });
  open('/integrations/servicenow/i1');
  expect(await screen.findByRole('button', { name: 'Connect again' })).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Disconnect' })).not.toBeInTheDocument();
});
