import { screen, waitFor } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { FakeEventSource } from '../test/FakeEventSource';
import { open } from '../test/open';
import { ada, expired, full, serve, session } from '../test/server';
import { safeNext } from './session';

const path = () => window.location.pathname + window.location.search;
const out = { 'GET /session': { data: session({ user: null }) } };
const fresh = { 'GET /session': { data: session({ user: null, setup_required: true }) } };

test('the first page is the Event History, or the Directory while nothing is connected', async () => {
  serve(full);
  open('/');
  await waitFor(() => expect(path()).toBe('/events'));
});

test('without a connection it is the Directory', async () => {
  serve(full, { 'GET /integrations': { data: [] } });
  open('/');
  await waitFor(() => expect(path()).toBe('/integrations'));
  expect(await screen.findByRole('link', { name: 'ServiceNow' })).toHaveAttribute('href', '/integrations/servicenow');
});

test('a server that does not answer is said so, and asked again', async () => {
  const { routes } = serve(full, { 'GET /session': 'unreachable' });
  const { user } = open('/workflows');
  expect(await screen.findByRole('alert', undefined, { timeout: 4000 })).toHaveTextContent(
    'Neo’s server does not answer',
  );
  Object.assign(routes, full);
  await user.click(screen.getByRole('button', { name: 'Retry' }));
  expect(await screen.findByText('Route network incidents')).toBeInTheDocument();
});

describe('set-up', () => {
  test('without the link, it says where the link is', async () => {
    serve(full, fresh);
    open('/workflows');
    expect(await screen.findByText(/log of the server/)).toBeInTheDocument();
    expect(path()).toBe('/setup');
  });

  test('with the link, the first administrator is created and signed in', async () => {
    const { asked } = serve(full, fresh, { 'POST /setup': { data: session() } });
    const { user } = open('/setup?token=a-token-of-some-length');
    await user.type(await screen.findByLabelText('Name'), 'Ada Admin');
    await user.type(screen.getByLabelText('E-mail'), 'ada@example.com');
    await user.type(screen.getByLabelText('Password'), 'too short');
    await user.click(screen.getByRole('button', { name: 'Create administrator' }));
    expect(screen.getByText('Use at least 10 characters.')).toBeInTheDocument();
    expect(asked.some((a) => a.method === 'POST')).toBe(false);
    await user.type(screen.getByLabelText('Password'), ' no more');
    await user.click(screen.getByRole('button', { name: 'Create administrator' }));
    await waitFor(() => expect(path()).toBe('/events'));
    expect(asked.find((a) => a.method === 'POST')?.body).toEqual({
      token: 'a-token-of-some-length',
      name: 'Ada Admin',
      email: 'ada@example.com',
      password: 'too short no more',
    });
  });

  test('a used link is explained', async () => {
    const message = 'This setup link is no longer valid.';
    serve(full, fresh, { 'POST /setup': { status: 403, error: { code: 'forbidden', message } } });
    const { user } = open('/setup?token=a-token-of-some-length');
    await user.type(await screen.findByLabelText('Name'), 'Ada');
    await user.type(screen.getByLabelText('E-mail'), 'a@b.co');
    await user.type(screen.getByLabelText('Password'), '1234567890');
    await user.click(screen.getByRole('button', { name: 'Create administrator' }));
    expect(await screen.findByRole('alert')).toHaveTextContent(message);
  });
});

describe('signing in', () => {
  test('leads back to where one was', async () => {
    serve(full, out, { 'POST /session': { data: session() } });
    const { user } = open('/events?ticket=INC1');
    await user.type(await screen.findByLabelText('E-mail'), 'ada@example.com');
    await user.type(screen.getByLabelText('Password'), 'a password');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    await waitFor(() => expect(path()).toBe('/events?ticket=INC1'));
  });

  test('a wrong password keeps the address and empties the password', async () => {
    const message = 'E-mail or password is not right. Check both and try again.';
    serve(full, out, { 'POST /session': { status: 401, error: { code: 'unauthorized', message } } });
    const { user } = open('/sign-in');
    await user.type(await screen.findByLabelText('E-mail'), 'ada@example.com');
    await user.type(screen.getByLabelText('Password'), 'wrong');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(await screen.findByRole('alert')).toHaveTextContent(message);
    expect(screen.getByLabelText('E-mail')).toHaveValue('ada@example.com');
    expect(screen.getByLabelText('Password')).toHaveValue('');
  });

  test.each([
    ['?next=%2Fevents%3Fticket%3DINC1', '/events?ticket=INC1'],
    ['?next=%2F%2Fevil.example', '/'],
    ['?next=%2F%5Cevil.example', '/'],
    ['?next=https%3A%2F%2Fevil.example', '/'],
    ['?next=%2Fsign-in', '/'],
    ['', '/'],
  ])('%s leads to %s', (search, want) => {
    expect(safeNext(search)).toBe(want);
  });
});

test('a session that ends leads to sign-in and back', async () => {
  const { routes } = serve(full);
  const { client } = open('/workflows/w1');
  await screen.findByText('What it does');
  Object.assign(routes, { 'GET /workflows/w1': expired });
  await client.invalidateQueries();
  expect(await screen.findByRole('heading', { name: 'Sign in' })).toBeInTheDocument();
  expect(path()).toBe('/sign-in?next=%2Fworkflows%2Fw1');
});

test('the account menu names the person and signs out', async () => {
  serve(full, { 'DELETE /session': { data: session({ user: null }) } });
  const { user } = open('/workflows');
  await user.click(await screen.findByRole('button', { name: 'Account of Ada Admin' }));
  expect(await screen.findByText(ada.email)).toBeInTheDocument();
  await user.click(screen.getByRole('menuitem', { name: 'Sign out' }));
  expect(await screen.findByRole('heading', { name: 'Sign in' })).toBeInTheDocument();
});

test('the colour scheme is switched and remembered', async () => {
  serve(full);
  const { user } = open('/workflows');
  await user.click(await screen.findByRole('button', { name: 'Switch to dark theme' }));
  expect(await screen.findByRole('button', { name: 'Switch to light theme' })).toBeInTheDocument();
  expect(document.documentElement).toHaveAttribute('data-mantine-color-scheme', 'dark');
});

test('a change on the server is fetched without reloading', async () => {
  const { asked } = serve(full);
  open('/workflows');
  await screen.findByText('Route network incidents');
  const before = asked.filter((a) => a.path === '/workflows').length;
  FakeEventSource.last.emit('open');
  FakeEventSource.last.emit('changed');
  await waitFor(() => expect(asked.filter((a) => a.path === '/workflows').length).toBe(before + 1));
});
