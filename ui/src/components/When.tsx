import { useSyncExternalStore } from 'react';
import { absolute, relative } from '../words/time';

/** One clock for every relative time on the page. Each is drawn again only when its words change. */
const TICK = 1_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
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
  const words = useSyncExternalStore(subscribe, () => relative(at));
  return (
    <time dateTime={at} title={absolute(at)}>
      {words}
    </time>
  );
}
