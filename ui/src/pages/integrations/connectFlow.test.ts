import { beforeEach, expect, test, vi } from 'vitest';
import type { Attempt, Check } from '../../api/client';
import { Problem } from '../../api/problem';
import { ConnectFlow, type ConnectFlowOptions, POLL_EVERY, type Popup } from './connectFlow';

const input = { instance_url: 'https://acme.service-now.com', client_id: 'c', client_secret: 's' };

class FakePopup implements Popup {
  closed = false;
  readonly visited: string[] = [];
  navigate(url: string) {
    this.visited.push(url);
  }
  close() {
    this.closed = true;
  }
}

function attempt(over: Partial<Attempt> = {}): Attempt {
  return {
    id: 'a1',
    integration_id: 'i1',
    outcome: 'PENDING',
    message: '',
    checks: [],
    expires_at: new Date(Date.now() + 600_000).toISOString(),
    ...over,
  };
}

function setUp(over: Partial<ConnectFlowOptions> = {}) {
  const popups: FakePopup[] = [];
  const server = { answer: attempt() };
  let post: ((data: unknown) => void) | undefined;
  let change: (() => void) | undefined;
  const options: ConnectFlowOptions = {
    openPopup: () => {
      const popup = new FakePopup();
      popups.push(popup);
      return popup;
    },
    begin: vi.fn(async () => attempt({ authorize_url: 'https://acme.service-now.com/oauth_auth.do' })),
    attempt: vi.fn(async () => server.answer),
    onMessage: (listener) => {
      post = listener;
      return () => {
        post = undefined;
      };
    },
    onChange: (listener) => {
      change = listener;
      return () => {
        change = undefined;
      };
    },
    ...over,
  };
  const flow = new ConnectFlow(options);
  const polls = async (n = 1) => vi.advanceTimersByTimeAsync(n * POLL_EVERY);
  return {
    flow,
    options,
    popups,
    server,
    polls,
    message: (data: unknown) => post?.(data),
    changed: () => change?.(),
    listening: () => !!post || !!change,
  };
}

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

test('the popup is opened before the request, and sent on after it', async () => {
  const order: string[] = [];
  const { flow, popups } = setUp({
    openPopup: () => {
      order.push('popup');
      const popup = new FakePopup();
      popups.push(popup);
      return popup;
    },
    begin: async () => {
      order.push('request');
      return attempt({ authorize_url: 'https://x/auth' });
    },
  });
  const started = flow.start(input);
  expect(order).toEqual(['popup', 'request']);
  expect(flow.getState()).toEqual({ step: 'starting' });
  await started;
  expect(popups[0]?.visited).toEqual(['https://x/auth']);
  expect(flow.getState()).toMatchObject({ step: 'waiting', blocked: false, authorizeUrl: 'https://x/auth' });
});

test('a refused request closes the popup and keeps the secret', async () => {
  const message = 'instance_url must be a service-now.com or servicenowservices.com domain';
  const { flow, popups, listening } = setUp({
    begin: async () => {
      throw new Problem({ status: 400, code: 'invalid', message });
    },
  });
  await flow.start(input);
  expect(popups[0]?.closed).toBe(true);
  expect(flow.getState()).toMatchObject({ step: 'failed', problem: { message }, secretSpent: false });
  expect(listening()).toBe(false);
});

test('success by polling alone', async () => {
  const { flow, server, polls, popups, listening } = setUp();
  await flow.start(input);
  await polls(3);
  expect(flow.getState().step).toBe('waiting');
  server.answer = attempt({ outcome: 'SUCCESS' });
  await polls();
  expect(flow.getState()).toEqual({ step: 'succeeded', integrationId: 'i1' });
  expect(popups[0]?.closed).toBe(true);
  expect(listening()).toBe(false);
});

test('the message makes it look at once; the server’s outcome is what counts', async () => {
  const { flow, server, message } = setUp();
  await flow.start(input);
  server.answer = attempt({ outcome: 'FAILURE', message: 'OAuth callback failed: invalid_client' });
  message({ type: 'neo:connect', attempt: 'a1', ok: true });
  await vi.advanceTimersByTimeAsync(0);
  expect(flow.getState()).toMatchObject({
    step: 'failed',
    problem: { message: 'OAuth callback failed: invalid_client' },
    integrationId: 'i1',
    secretSpent: true,
  });
});

test.each([
  ['of another attempt', { type: 'neo:connect', attempt: 'a2', ok: true }],
  ['of something else', { type: 'other', attempt: 'a1', ok: true }],
  ['without a shape', 'hello'],
  ['that is nothing', null],
])('a message %s is ignored', async (_name, data) => {
  const { flow, options, message } = setUp();
  await flow.start(input);
  message(data);
  await vi.advanceTimersByTimeAsync(0);
  expect(options.attempt).not.toHaveBeenCalled();
  expect(flow.getState().step).toBe('waiting');
});

test('an answer that matched no attempt ends this one with an explanation', async () => {
  const { flow, message } = setUp();
  await flow.start(input);
  message({ type: 'neo:connect', attempt: '', ok: false });
  expect(flow.getState()).toMatchObject({ step: 'failed', secretSpent: true });
});

test('a blocked popup leaves a link; clicking it opens one', async () => {
  let blocked = true;
  const popup = new FakePopup();
  const { flow, server, polls } = setUp({ openPopup: () => (blocked ? null : popup) });
  await flow.start(input);
  expect(flow.getState()).toMatchObject({
    step: 'waiting',
    blocked: true,
    authorizeUrl: expect.stringContaining('https://'),
  });
  expect(flow.reopen()).toBe(false); // still blocked: the link itself has to do it
  await polls(5);
  expect(flow.getState()).toMatchObject({ step: 'waiting', blocked: true }); // no popup that could have closed
  blocked = false;
  expect(flow.reopen()).toBe(true);
  expect(popup.visited).toEqual(['https://acme.service-now.com/oauth_auth.do']);
  expect(flow.getState()).toMatchObject({ step: 'waiting', blocked: false });
  server.answer = attempt({ outcome: 'SUCCESS' });
  await polls();
  expect(flow.getState().step).toBe('succeeded');
});

test('a popup that closes without a result is said so, after a last look', async () => {
  const { flow, popups, polls, options } = setUp();
  await flow.start(input);
  await polls();
  if (popups[0]) popups[0].closed = true;
  await polls(4);
  expect(flow.getState().step).toBe('waiting');
  await polls();
  expect(flow.getState()).toMatchObject({ step: 'closed', attemptId: 'a1' });
  expect(options.attempt).toHaveBeenCalledTimes(6);
});

test('a popup that only seems closed (COOP) does not hide the result', async () => {
  const { flow, popups, server, polls } = setUp();
  await flow.start(input);
  if (popups[0]) popups[0].closed = true;
  await polls(6);
  expect(flow.getState().step).toBe('closed');
  server.answer = attempt({ outcome: 'RUNNING' });
  await polls();
  expect(flow.getState()).toMatchObject({ step: 'waiting', finishing: true });
  await polls(5);
  expect(flow.getState()).toMatchObject({ step: 'waiting', finishing: true });
  server.answer = attempt({ outcome: 'SUCCESS' });
  await polls();
  expect(flow.getState()).toEqual({ step: 'succeeded', integrationId: 'i1' });
});

test('a server that does not answer for a while changes nothing', async () => {
  const { flow, options, server, polls } = setUp();
  vi.mocked(options.attempt).mockRejectedValueOnce(Problem.unreachable()).mockRejectedValueOnce(Problem.unreachable());
  await flow.start(input);
  await polls(2);
  expect(flow.getState().step).toBe('waiting');
  server.answer = attempt({ outcome: 'SUCCESS' });
  await polls();
  expect(flow.getState().step).toBe('succeeded');
});

test('an attempt that is gone ends the waiting', async () => {
  const { flow, options, polls } = setUp();
  vi.mocked(options.attempt).mockRejectedValueOnce(
    new Problem({ status: 404, code: 'not_found', message: 'There is no such attempt. Connect again.' }),
  );
  await flow.start(input);
  await polls();
  expect(flow.getState()).toMatchObject({ step: 'failed', problem: { code: 'not_found' } });
});

test('patience ends some time after the attempt does', async () => {
  const { flow, polls } = setUp();
  await flow.start(input);
  await polls(1200);
  expect(flow.getState().step).toBe('waiting');
  await polls(124);
  expect(flow.getState()).toMatchObject({ step: 'failed', problem: { message: expect.stringContaining('in time') } });
});

test('cancelling closes the popup and takes no late result', async () => {
  const { flow, popups, server, polls, listening } = setUp();
  await flow.start(input);
  flow.cancel();
  server.answer = attempt({ outcome: 'SUCCESS' });
  await polls(3);
  expect(flow.getState()).toEqual({ step: 'idle' });
  expect(popups[0]?.closed).toBe(true);
  expect(listening()).toBe(false);
});

test('cancelling while the server is being asked ignores its answer', async () => {
  let answer: ((a: Attempt) => void) | undefined;
  const { flow, popups } = setUp({
    begin: () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  });
  const started = flow.start(input);
  flow.cancel();
  answer?.(attempt({ authorize_url: 'https://x' }));
  await started;
  expect(flow.getState()).toEqual({ step: 'idle' });
  expect(popups[0]?.visited).toEqual([]);
});

test('after the popup is gone the checks go on to be shown, at each change on the server, until the end', async () => {
  const { flow, popups, server, polls, changed } = setUp();
  const token: Check = { name: 'token', label: 'Access token', state: 'ok', detail: '' };
  const rule: Check = { name: 'business_rule', label: 'Business Rule', state: 'running', detail: '' };
  await flow.start(input);
  server.answer = attempt({ outcome: 'RUNNING', checks: [token] });
  if (popups[0]) popups[0].closed = true;
  await polls();
  expect(flow.getState()).toMatchObject({ step: 'waiting', finishing: true, integrationId: 'i1', checks: [token] });
  server.answer = attempt({ outcome: 'RUNNING', checks: [token, rule] });
  changed();
  await vi.advanceTimersByTimeAsync(0);
  expect(flow.getState()).toMatchObject({ finishing: true, checks: [token, rule] });
  await polls(60); // however long it takes
  expect(flow.getState()).toMatchObject({ step: 'waiting', finishing: true });
  const failed: Check = { ...rule, state: 'failed', remedies: ['Give it the role admin.'] };
  server.answer = attempt({ outcome: 'FAILURE', message: 'It could not be planted.', checks: [token, failed] });
  await polls();
  expect(flow.getState()).toMatchObject({ step: 'failed', integrationId: 'i1', checks: [token, failed] });
});
