import { beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeEventSource } from '../test/FakeEventSource';
import { Live } from './live';

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

function start(over: Partial<ConstructorParameters<typeof Live>[0]> = {}) {
  const refresh = vi.fn(async () => {});
  const onRefused = vi.fn();
  const live = new Live({ open: () => new FakeEventSource(), refresh, onRefused, interval: 800, ...over });
  live.start();
  return { live, refresh, onRefused };
}

test('is live once the stream is open, and fetches on each change', async () => {
  const { live, refresh } = start();
  expect(live.status()).toBe('connecting');
  FakeEventSource.last.emit('open');
  expect(live.status()).toBe('live');
  expect(refresh).not.toHaveBeenCalled();
  FakeEventSource.last.emit('changed');
  expect(refresh).toHaveBeenCalledTimes(1);
});

test('tells listeners of each new status once', () => {
  const { live } = start();
  const listener = vi.fn();
  const stop = live.subscribe(listener);
  FakeEventSource.last.emit('open');
  FakeEventSource.last.emit('open'); // the server's own first message has the same name
  expect(listener).toHaveBeenCalledTimes(1);
  stop();
  FakeEventSource.last.fail(false);
  expect(listener).toHaveBeenCalledTimes(1);
});

describe('a burst of changes', () => {
  test('becomes one refresh now and one after it', async () => {
    const { refresh } = start();
    for (let i = 0; i < 20; i++) FakeEventSource.last.emit('changed');
    expect(refresh).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(800);
    expect(refresh).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  test('never refreshes twice at once, and survives a refresh that fails', async () => {
    let finish: (() => void) | undefined;
    let fail = true;
    const refresh = vi.fn(() => {
      if (fail) return Promise.reject(new Error('down'));
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    start({ refresh });
    FakeEventSource.last.emit('changed');
    await vi.advanceTimersByTimeAsync(800);
    fail = false;
    FakeEventSource.last.emit('changed');
    FakeEventSource.last.emit('changed');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(refresh).toHaveBeenCalledTimes(2);
    finish?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(refresh).toHaveBeenCalledTimes(3);
  });
});

describe('when the stream breaks', () => {
  test('the browser connects again; what was missed is fetched', async () => {
    const { live, refresh, onRefused } = start();
    FakeEventSource.last.emit('open');
    FakeEventSource.last.fail(false);
    expect(live.status()).toBe('reconnecting');
    expect(FakeEventSource.all).toHaveLength(1);
    FakeEventSource.last.emit('open');
    expect(live.status()).toBe('live');
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(onRefused).not.toHaveBeenCalled();
  });

  test('for good, it is opened anew, with longer and longer waits', async () => {
    const { live, onRefused } = start();
    FakeEventSource.last.fail(true);
    expect(onRefused).toHaveBeenCalledTimes(1);
    expect(live.status()).toBe('reconnecting');
    await vi.advanceTimersByTimeAsync(999);
    expect(FakeEventSource.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(FakeEventSource.all).toHaveLength(2);
    FakeEventSource.last.fail(true);
    await vi.advanceTimersByTimeAsync(1_999);
    expect(FakeEventSource.all).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(FakeEventSource.all).toHaveLength(3);
    FakeEventSource.last.emit('open');
    expect(live.status()).toBe('live');
  });

  test('stopping ends it, also while it waits', async () => {
    const { live } = start();
    FakeEventSource.last.fail(true);
    live.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeEventSource.all).toHaveLength(1);
  });
});

test('a pause catches up afterwards', async () => {
  const { live, refresh } = start();
  FakeEventSource.last.emit('open');
  live.pause();
  expect(FakeEventSource.last.readyState).toBe(2);
  live.start();
  FakeEventSource.last.emit('open');
  expect(refresh).toHaveBeenCalledTimes(1);
});
