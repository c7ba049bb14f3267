import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { open } from '../../test/open';
import { busy, full, permissions, serve } from '../../test/server';

const readOnly = permissions.map((p) => ({ ...p, level: 'READ_ONLY' as const }));

test('a connection that may write nothing says so, until it may', async () => {
  const { asked } = serve(full, {
    'GET /integrations/i1/permissions': { data: { permissions: readOnly } },
    'PUT /integrations/i1/permissions': ({ body }) => ({ data: body }),
  });
  const { user } = open('/integrations/servicenow');
  expect(await screen.findByText('Neo can read and not write yet:')).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Choose permissions' }));
  const section = screen.getByRole('region', { name: 'Permissions' });
  expect(section).toHaveFocus();
  const save = within(section).getByRole('button', { name: 'Save permissions' });
  expect(save).toBeDisabled();

  const ask = within(section).getByRole('switch', { name: 'Ask a technician first: Tickets' });
  expect(ask).toBeDisabled();
  const level = within(section).getByRole('radiogroup', { name: 'Level of Tickets' });
  await user.click(within(level).getByRole('radio', { name: 'Read-Write' }));
  await user.click(ask);
  expect(within(section).getByText('One group is changed and not saved')).toBeInTheDocument();
  await user.click(save);
  await waitFor(() => expect(screen.queryByText('Neo can read and not write yet:')).not.toBeInTheDocument());
  expect(asked.find((a) => a.method === 'PUT')?.body).toEqual({
    permissions: [{ ...readOnly[0], level: 'READ_WRITE', ask_first: true }, readOnly[1]],
  });
  expect(save).toBeDisabled();
});

test('presets fill the table and are saved by hand; less than writing asks nobody', async () => {
  const { asked } = serve(full);
  const { user } = open('/integrations/servicenow');
  const section = await screen.findByRole('region', { name: 'Permissions' });
  await user.click(await within(section).findByRole('button', { name: 'Full access' }));
  for (const radio of within(section).getAllByRole('radio', { name: 'Read-Write' })) expect(radio).toBeChecked();
  await user.click(within(section).getByRole('switch', { name: 'Ask a technician first: Email' }));
  const level = within(section).getByRole('radiogroup', { name: 'Level of Email' });
  await user.click(within(level).getByRole('radio', { name: 'Read Only' }));
  expect(within(section).getByRole('switch', { name: 'Ask a technician first: Email' })).not.toBeChecked();
  expect(within(section).getByRole('button', { name: 'Save permissions' })).toBeDisabled(); // as it was before
  expect(asked.some((a) => a.method === 'PUT')).toBe(false);
});

test('unsaved permissions are not left by a slip', async () => {
  serve(full);
  const { user } = open('/integrations/servicenow');
  const section = await screen.findByRole('region', { name: 'Permissions' });
  await user.click(await within(section).findByRole('button', { name: 'Read only' }));
  await user.click(screen.getByRole('link', { name: 'Workflows' }));
  const dialog = await screen.findByRole('dialog', { name: 'Leave without saving?' });
  await user.click(within(dialog).getByRole('button', { name: 'Stay' }));
  await user.click(within(section).getByRole('button', { name: 'Discard changes' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
  await user.click(screen.getByRole('link', { name: 'Workflows' }));
  await waitFor(() => expect(window.location.pathname).toBe('/workflows'));
});

test('without tickets nothing can run, and what was refused says why', async () => {
  serve(full, { 'PUT /integrations/i1/permissions': busy });
  const { user } = open('/integrations/servicenow');
  const level = await screen.findByRole('radiogroup', { name: 'Level of Tickets' });
  await user.click(within(level).getByRole('radio', { name: 'Disabled' }));
  expect(screen.getByText(/Without reading Tickets no workflow can run/)).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Save permissions' }));
  expect(await screen.findByText('The permissions were not saved')).toBeInTheDocument();
});

test('permissions that cannot be loaded can be tried again', async () => {
  const { routes } = serve(full, { 'GET /integrations/i1/permissions': busy });
  const { user } = open('/integrations/servicenow');
  const section = await screen.findByRole('region', { name: 'Permissions' });
  expect(await within(section).findByText('The permissions could not be loaded')).toBeInTheDocument();
  Object.assign(routes, full);
  await user.click(within(section).getByRole('button', { name: 'Retry' }));
  expect(await within(section).findByRole('button', { name: 'Full access' })).toBeInTheDocument();
});
