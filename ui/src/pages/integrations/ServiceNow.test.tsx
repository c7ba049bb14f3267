import { act, screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { open } from '../../test/open';
import { form, full, integration, serve } from '../../test/server';

const none = { 'GET /integrations': { data: [] } };
const pending = { id: 'a1', integration_id: 'i1', outcome: 'PENDING', message: '', expires_at: '2999-01-01T00:00:00Z' };
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

test('a wrong address is said at its field, and everything stays as typed', async () => {
  serve(full, none, {
    'POST /integrations/servicenow/connect': {
      status: 400,
      error: { code: 'invalid', message: form.instance_url_rule },
    },
  });
  const { user } = open('/integrations/servicenow');
  await fillIn(user, 'https://help.acme.com');
  expect(await screen.findByText(form.instance_url_rule)).toBeInTheDocument();
  expect(fields().url).toBeInvalid();
  expect(fields().url).toHaveValue('https://help.acme.com');
  expect(fields().secret).toHaveValue('hush');
  expect(popup.closed).toBe(true);
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
