import { useSyncExternalStore } from 'react';
import { absolute, relative } from '../words/time';

/** One clock for every relative time on the page. */
const TICK = 5_000;
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const l of listeners) l();
  }, TICK);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** A moment: how long ago it was, and in full on hover. */
export function When({ at }: { at: string }) {
  useSyncExternalStore(subscribe, () => now);
  return (
    <time dateTime={at} title={absolute(at)}>
      {relative(at)}
    </time>
  );
}
