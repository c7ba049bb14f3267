import { fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { open } from '../../test/open';
import { busy, full, serve, workflow } from '../../test/server';
import { parse, pretty, template } from './definition';

const area = () => screen.findByRole('textbox', { name: 'Definition (JSON)' });

test('the list tells each workflow in words, and how it did', async () => {
  serve(full);
  open('/workflows');
  expect(await screen.findByText('an incident is created')).toBeInTheDocument();
  expect(screen.getByText('Category is “network”')).toBeInTheDocument();
  expect(screen.getByText('Assign to Network, then add a work note')).toBeInTheDocument();
  expect(screen.getByText('90%')).toBeInTheDocument();
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

test('a new workflow starts from a template and is saved as typed', async () => {
  const { asked } = serve(full, { 'POST /workflows': { status: 201, data: workflow } });
  const { user } = open('/workflows/new');
  expect(await area()).toHaveValue(pretty(template));
  await user.click(screen.getByLabelText('Enable it as soon as it is saved'));
  await user.click(screen.getByRole('button', { name: 'Save workflow' }));
  expect(await screen.findByRole('heading', { name: 'Route network incidents', level: 1 })).toBeInTheDocument();
  const post = asked.find((a) => a.method === 'POST');
  expect(post?.body).toEqual(template);
  expect(post?.search).toBe('?enabled=true');
});

test('what the server says about a definition is shown beneath it, with every detail', async () => {
  serve(full, {
    'POST /workflows': {
      status: 400,
      error: { code: 'invalid', message: 'It cannot work yet.', details: ['actions: at least one is needed'] },
    },
  });
  const { user } = open('/workflows/new');
  await area();
  await user.click(screen.getByRole('button', { name: 'Save workflow' }));
  const alert = await screen.findByRole('alert');
  expect(alert).toHaveTextContent('It cannot work yet.');
  expect(alert).toHaveTextContent('actions: at least one is needed');
  expect(await area()).toHaveValue(pretty(template));
});

test('broken JSON is not sent, and the place is named', async () => {
  const { asked } = serve(full);
  const { user } = open('/workflows/new');
  fireEvent.change(await area(), { target: { value: '{\n  "name": oops\n}' } });
  await user.click(screen.getByRole('button', { name: 'Save workflow' }));
  expect((await screen.findAllByText(/This is not valid JSON/)).length).toBeGreaterThan(0);
  expect(asked.some((a) => a.method === 'POST')).toBe(false);
});

test('unsaved changes are guarded, and kept when the page is lost all the same', async () => {
  serve(full);
  const { user } = open('/workflows/new');
  fireEvent.change(await area(), { target: { value: '{"name":"mine"}' } });
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(await screen.findByText('Your changes to this workflow are not saved.')).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Stay' }));
  expect(window.location.pathname).toBe('/workflows/new');

  window.history.replaceState(null, '', '/workflows'); // the back button asks nobody
  window.dispatchEvent(new PopStateEvent('popstate'));
  await screen.findByRole('link', { name: 'New workflow' });
  await user.click(screen.getByRole('link', { name: 'New workflow' }));
  expect(await area()).toHaveValue('{"name":"mine"}');
  expect(screen.getByText('Your unsaved changes are back')).toBeInTheDocument();

  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  await user.click(await screen.findByRole('button', { name: 'Leave' }));
  await waitFor(() => expect(window.location.pathname).toBe('/workflows'));
  expect(sessionStorage).toHaveLength(0);
});

test('an edit is saved over the version that was read; a newer one is explained', async () => {
  const { asked } = serve(full, {
    'PUT /workflows/w1': { status: 409, error: { code: 'conflict', message: 'It was changed since you opened it.' } },
  });
  const { user } = open('/workflows/w1/edit');
  fireEvent.change(await area(), { target: { value: pretty({ ...workflow.definition, name: 'Renamed' }) } });
  await user.click(screen.getByRole('button', { name: 'Save workflow' }));
  const alert = await screen.findByRole('alert');
  expect(alert).toHaveTextContent('It was changed since you opened it.');
  expect(alert).toHaveTextContent('while you were editing version 3');
  const put = asked.find((a) => a.method === 'PUT');
  expect(put?.search).toBe('?version=3');
  expect(put?.body).toMatchObject({ name: 'Renamed' });
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

test.each([
  ['', /nothing here yet/],
  ['[1]', /one JSON object/],
  ['null', /one JSON object/],
  ['{"a":}', /not valid JSON/],
])('%s is no definition', (text, want) => {
  expect(parse(text).error).toMatch(want);
});
