import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Workflow } from '../../api/client';
import { open } from '../../test/open';
import { busy, full, serve, workflow } from '../../test/server';

const named = (id: string, name: string, over: Partial<Workflow> = {}): Workflow => ({
  ...workflow,
  id,
  definition: { ...workflow.definition, name },
  ...over,
});

test('the list tells each workflow in words, and how it did', async () => {
  const days = [
    { day: '2026-01-04', runs: 3, failures: 1 },
    { day: '2026-01-05', runs: 7, failures: 0 },
  ];
  serve(full, { 'GET /workflows': { data: [{ ...workflow, days }] } });
  open('/workflows');
  expect(await screen.findByText('an incident is created')).toBeInTheDocument();
  expect(screen.getByText('Assign to Network, then add a work note')).toBeInTheDocument();
  expect(screen.getByText('90%')).toBeInTheDocument();
  expect(screen.getByRole('img', { name: '10 runs in 2 days, 1 failed' })).toBeInTheDocument();
});

test('each says whether it acts, and why Neo paused it', async () => {
  const definition = { ...workflow.definition, name: 'In shadow', shadow: true };
  serve(full, {
    'GET /workflows': {
      data: [
        named('w1', 'Acts'),
        named('w2', 'Rests', { enabled: false }),
        named('w3', 'Stopped', { enabled: false, paused: '5 runs in a row failed.' }),
        { ...workflow, id: 'w4', definition },
      ],
    },
  });
  open('/workflows');
  const rows = within(await screen.findByRole('list', { name: 'Workflows' })).getAllByRole('listitem');
  const states = ['Enabled', 'Off', 'Paused by Neo', 'Shadow'];
  for (const [i, state] of states.entries())
    expect(within(rows[i] as HTMLElement).getByText(state)).toBeInTheDocument();
  expect(screen.getByText('5 runs in a row failed.')).toBeInTheDocument();
});

test('the search looks at names, triggers and actions', async () => {
  serve(full, {
    'GET /workflows': {
      data: [
        named('w1', 'Route incidents'),
        { ...workflow, id: 'w2', definition: { name: 'Chase', trigger_type: 'NONE', actions: [] } },
      ],
    },
  });
  const { user } = open('/workflows');
  const box = await screen.findByRole('searchbox', { name: 'Search workflows' });
  await user.type(box, 'assign network');
  expect(screen.queryByText('Chase')).not.toBeInTheDocument();
  expect(screen.getByText('Route incidents')).toBeInTheDocument();
  await user.clear(box);
  await user.type(box, 'no such thing');
  expect(screen.getByRole('heading', { name: 'No workflow is like that' })).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Show all workflows' }));
  expect(screen.getByText('Chase')).toBeInTheDocument();
});

test('the switch turns at once, and back when the server refuses', async () => {
  let release: (() => void) | undefined;
  const { asked } = serve(full, {
    'PATCH /workflows/w1': () => {
      release?.();
      return busy;
    },
  });
  const { user } = open('/workflows');
  const toggle = await screen.findByRole('switch', { name: 'Enable Route network incidents' });
  expect(toggle).toBeChecked();
  const refused = new Promise<void>((resolve) => {
    release = resolve;
  });
  await user.click(toggle);
  await refused;
  expect(asked.find((a) => a.method === 'PATCH')?.body).toEqual({ enabled: false });
  expect(await screen.findByText('“Route network incidents” was not changed')).toBeInTheDocument();
  await waitFor(() => expect(screen.getByRole('switch')).toBeChecked());
});

test('it is run now on the tickets that are named, also those still being typed', async () => {
  const { asked } = serve(full, { 'POST /workflows/w1/run': { data: [] } });
  const { user } = open('/workflows');
  await user.click(await screen.findByRole('button', { name: 'More for Route network incidents' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Run now…' }));
  const numbers = await screen.findByRole('combobox', { name: 'Ticket numbers' });
  await user.click(screen.getByRole('button', { name: 'Run now' }));
  expect(screen.getByText(/Name at least one ticket/)).toBeInTheDocument();
  await user.type(numbers, 'inc0010001 CHG0030002');
  await user.click(screen.getByRole('button', { name: 'Run now' }));
  expect(await screen.findByText('“Route network incidents” started')).toBeInTheDocument();
  expect(asked.find((a) => a.path === '/workflows/w1/run')?.body).toEqual({ tickets: ['INC0010001', 'CHG0030002'] });
});

test('a copy is a new workflow that waits to be saved', async () => {
  const { asked } = serve(full, { 'POST /workflows': { status: 201, data: workflow } });
  const { user } = open('/workflows');
  await user.click(await screen.findByRole('button', { name: 'More for Route network incidents' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Duplicate' }));
  expect(await screen.findByRole('textbox', { name: 'Name' })).toHaveValue('Route network incidents (copy)');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(window.location.pathname).toBe('/workflows/w1/edit'));
  expect(asked.find((a) => a.method === 'POST' && a.path === '/workflows')?.body).toEqual({
    ...workflow.definition,
    name: 'Route network incidents (copy)',
  });
});

test('a new one begins from a template or from nothing', async () => {
  serve(full);
  const { user } = open('/workflows/new');
  expect(await screen.findByRole('link', { name: /Start empty/ })).toBeInTheDocument();
  await user.click(await screen.findByRole('link', { name: /Network incidents/ }));
  expect(await screen.findByRole('textbox', { name: 'Name' })).toHaveValue('Network incidents');
});

test('deleting asks first', async () => {
  const { asked } = serve(full, { 'DELETE /workflows/w1': { data: {} } });
  const { user } = open('/workflows/w1');
  await user.click(await screen.findByRole('button', { name: 'Delete' }));
  expect(await screen.findByText(/This cannot be undone/)).toBeInTheDocument();
  expect(asked.some((a) => a.method === 'DELETE')).toBe(false);
  await user.click(screen.getByRole('button', { name: 'Delete workflow' }));
  await waitFor(() => expect(window.location.pathname).toBe('/workflows'));
  expect(asked.some((a) => a.method === 'DELETE')).toBe(true);
});
