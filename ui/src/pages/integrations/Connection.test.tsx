import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Integration } from '../../api/client';
import { FakeEventSource } from '../../test/FakeEventSource';
import { open } from '../../test/open';
import { inState as connectionIn, full, health, integration, serve } from '../../test/server';

const inState = (state: Integration['state'], message = '') => ({
  'GET /integrations': { data: [connectionIn(state, { message })] },
});

test.each([
  ['FAILED', 'ServiceNow is not connected', 'Insufficient privileges. Give it the role itil.'],
  ['RECONNECT_REQUIRED', 'ServiceNow needs your consent again', ''],
] as const)('%s has a banner, and a form to reconnect with all but the secret', async (state, title, message) => {
  serve(full, inState(state, message));
  const { user } = open('/integrations/servicenow');
  expect(await screen.findByText(title)).toBeInTheDocument();
  if (message) expect(screen.getByText(message)).toBeInTheDocument();
  expect(screen.queryByRole('region', { name: 'Health' })).not.toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Reconnect' }));
  expect(screen.queryByLabelText('Read older tickets')).not.toBeInTheDocument();
  expect(screen.getByLabelText('Instance URL')).toHaveValue('https://acme.service-now.com');
  expect(screen.getByLabelText('Client ID')).toHaveValue('client-1');
  expect(screen.getByLabelText('Client Secret')).toHaveValue('');
});

test('CONNECTING leaves nothing to do but to wait, or to give it up', async () => {
  serve(full, inState('CONNECTING'));
  open('/integrations/servicenow');
  expect(await screen.findByText('Neo is setting up the connection')).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Reconnect' })).not.toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Disconnect' })).toBeInTheDocument();
});

test('SETUP_REQUIRED leads to setting it up by hand', async () => {
  const { asked, routes } = serve(full, inState('SETUP_REQUIRED'), {
    'POST /integrations/i1/setup-files': {
      data: { file_name: 'neo-agent-setup.xml', update_set: '<unload/>', background_script: '// plant' },
    },
  });
  const { user } = open('/integrations/servicenow');
  expect(await screen.findByText(/an administrator must plant the rule/)).toBeInTheDocument();
  const byHand = screen.getByRole('region', { name: 'Set up by hand' });
  await user.click(screen.getByRole('button', { name: 'Set up by hand' }));
  expect(byHand).toHaveFocus();
  expect(within(byHand).getByText(/lets administrators only write Business Rules/)).toBeInTheDocument();

  expect(asked.some((a) => a.path.endsWith('/setup-files'))).toBe(false);
  await user.click(within(byHand).getByRole('button', { name: 'Prepare the files' }));
  expect(await within(byHand).findByRole('button', { name: 'Download neo-agent-setup.xml' })).toBeInTheDocument();
  expect(within(byHand).getByText('Both hold a secret')).toBeInTheDocument();
  expect(within(byHand).getByText('System Update Sets → Retrieved Update Sets')).toBeInTheDocument();
  await user.click(within(byHand).getByRole('tab', { name: 'Background script' }));
  expect(within(byHand).getByRole('button', { name: 'Copy the script' })).toBeInTheDocument();
  expect(within(byHand).getByText('// plant')).toBeInTheDocument();

  const property = { name: 'callback_property', label: 'System Property', state: 'ok', detail: 'In place.' };
  const rule = { name: 'business_rule', label: 'Business Rule', state: 'failed', detail: '', remedies: ['Import it.'] };
  routes['POST /integrations/i1/inspect'] = { data: { ...health, checks: [property, rule] } };
  await user.click(within(byHand).getByRole('button', { name: 'Verify' }));
  expect(await within(byHand).findByText('Not there yet: Business Rule.')).toBeInTheDocument();
  expect(within(byHand).getByText('Import it.')).toBeInTheDocument();
  routes['POST /integrations/i1/inspect'] = { data: { ...health, checks: [property, { ...rule, state: 'ok' }] } };
  await user.click(within(byHand).getByRole('button', { name: 'Verify' }));
  expect(await within(byHand).findByText('Both are in place.')).toBeInTheDocument();
  const silent = { name: 'instance', label: 'The instance answers', state: 'failed', detail: 'It does not.' };
  routes['POST /integrations/i1/inspect'] = { data: { ...health, state: 'failed', checks: [silent] } };
  await user.click(within(byHand).getByRole('button', { name: 'Verify' }));
  expect(await within(byHand).findByText(/Nobody could look/)).toBeInTheDocument();
});

test('where it is connected, setting up by hand is behind its title; a refusal is said', async () => {
  const message = 'acme.service-now.com is not connected. Click Reconnect first.';
  const refused = { status: 409, error: { code: 'conflict', message } };
  serve(full, { 'POST /integrations/i1/setup-files': refused, 'POST /integrations/i1/inspect': refused });
  const { user } = open('/integrations/servicenow');
  const title = await screen.findByRole('button', { name: 'Set up by hand' });
  expect(title).toHaveAttribute('aria-expanded', 'false');
  await user.click(title);
  expect(title).toHaveAttribute('aria-expanded', 'true');
  await user.click(await screen.findByRole('button', { name: 'Prepare the files' }));
  expect(await screen.findByText('The files could not be made')).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Verify' }));
  await waitFor(() => expect(screen.getAllByText(message)).toHaveLength(2));
});

test('disconnecting asks first; what could not be removed stays readable after the list has changed', async () => {
  const detail = 'It is still there. Have an administrator delete it in ServiceNow.';
  const { asked, routes } = serve(full, {
    'POST /integrations/i1/disconnect': () => {
      Object.assign(routes, inState('DISCONNECTED'));
      return {
        data: {
          integration: connectionIn('DISCONNECTED'),
          checks: [
            { name: 'business_rule', label: 'Business Rule', state: 'failed', detail },
            { name: 'consent', label: 'Consent', state: 'ok', detail: 'Revoked.' },
          ],
        },
      };
    },
  });
  const { user } = open('/integrations/servicenow');
  await user.click(await screen.findByRole('button', { name: 'Disconnect' }));
  let dialog = await screen.findByRole('dialog', { name: 'Disconnect acme.service-now.com?' });
  expect(dialog).toHaveTextContent('The history stays');
  await user.click(within(dialog).getByRole('button', { name: 'Cancel' }));
  expect(asked.some((a) => a.path.endsWith('/disconnect'))).toBe(false);

  await user.click(screen.getByRole('button', { name: 'Disconnect' }));
  dialog = await screen.findByRole('dialog');
  await user.click(within(dialog).getByRole('button', { name: 'Disconnect' }));
  expect(await within(dialog).findByText(/Not everything could be removed/)).toBeInTheDocument();
  expect(within(dialog).getByText(detail)).toBeInTheDocument();
  act(() => FakeEventSource.last.emit('changed'));
  await waitFor(() => expect(asked.filter((a) => a.path === '/integrations').length).toBeGreaterThan(1));
  expect(within(dialog).getByText(detail)).toBeInTheDocument();
  await user.click(within(dialog).getAllByRole('button', { name: 'Close' }).at(-1) as HTMLElement);

  const left = await screen.findByRole('list', { name: 'Still in the instance' });
  expect(left).toHaveTextContent(detail);
  expect(left).not.toHaveTextContent('Revoked.');
  expect(screen.queryByRole('button', { name: 'Disconnect' })).not.toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Connect again' }));
  expect(await screen.findByRole('form', { name: 'Reconnect ServiceNow' })).toBeInTheDocument();
});

test('a disconnect that is refused says why', async () => {
  const message = 'It could not be read. Try again.';
  serve(full, { 'POST /integrations/i1/disconnect': { status: 503, error: { code: 'unavailable', message } } });
  const { user } = open('/integrations/servicenow');
  await user.click(await screen.findByRole('button', { name: 'Disconnect' }));
  const dialog = await screen.findByRole('dialog');
  await user.click(within(dialog).getByRole('button', { name: 'Disconnect' }));
  expect(await within(dialog).findByRole('alert')).toHaveTextContent(message);
});

test('several connections are listed, the ended ones last, each with the way to its details', async () => {
  const url = (name: string) => `https://${name}.service-now.com`;
  serve(full, {
    'GET /integrations': {
      data: [
        connectionIn('DISCONNECTED', { id: 'i3', instance_url: url('old') }),
        integration,
        connectionIn('FAILED', { id: 'i2', instance_url: url('emea') }),
        connectionIn('SETUP_REQUIRED', { id: 'i4', instance_url: url('apac') }),
      ],
    },
  });
  const { user } = open('/integrations/servicenow');
  expect(await screen.findByText('ServiceNow connected')).toBeInTheDocument();
  expect(screen.getByText('ServiceNow is not connected')).toBeInTheDocument();
  const cards = screen.getAllByRole('region', { name: /^https:/ });
  expect(cards.map((c) => c.getAttribute('aria-label'))).toEqual(['acme', 'emea', 'apac', 'old'].map(url));
  expect(screen.queryByText('What Neo verified')).not.toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'Set up by hand' })).toHaveAttribute('href', '/integrations/servicenow/i4');
  expect(screen.getByRole('button', { name: 'Connect another instance' })).toBeInTheDocument();

  await user.click(within(cards[0] as HTMLElement).getByRole('link', { name: 'Details' }));
  expect(await screen.findByRole('region', { name: 'Health' })).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'All ServiceNow connections' })).toBeInTheDocument();
});

test('one that stands and one that was ended: the first in full, the second small', async () => {
  serve(full, {
    'GET /integrations': {
      data: [connectionIn('DISCONNECTED', { id: 'i3', instance_url: 'https://old.service-now.com' }), integration],
    },
  });
  open('/integrations/servicenow');
  expect(await screen.findByRole('region', { name: 'Health' })).toBeInTheDocument();
  const old = screen.getByRole('region', { name: 'https://old.service-now.com' });
  expect(within(old).getByText('Disconnected')).toBeInTheDocument();
  expect(within(old).getByRole('button', { name: 'Connect again' })).toBeInTheDocument();
});
