import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { keys, refreshLive } from '../api/queries';
import { Live, type LiveStatus } from './live';

const LiveContext = createContext<Live | null>(null);

/** A hidden tab gives its connection back after this long: browsers allow a server only six on HTTP/1.1. */
const HIDDEN_FOR = 30_000;

/** Holds the stream of changes while somebody is signed in. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [live] = useState(
    () =>
      new Live({
        open: () => new EventSource('/api/v1/live'),
        refresh: () => refreshLive(client),
        onRefused: () => void client.invalidateQueries({ queryKey: keys.session }),
      }),
  );

  useEffect(() => {
    live.start();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onVisibility = () => {
      clearTimeout(timer);
      if (document.hidden) timer = setTimeout(() => live.pause(), HIDDEN_FOR);
      else live.start();
    };
    document.addEventListener('visibilitychange', onVisibility);
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      clearTimeout(timer);
      live.stop();
    };
  }, [live]);

  return <LiveContext value={live}>{children}</LiveContext>;
}

const noSubscription = () => () => {};
const notLive = (): LiveStatus => 'connecting';

/** For those who ask the server themselves: how to be told of each change. */
export function useOnChange(): Live['onChange'] {
  return useContext(LiveContext)?.onChange ?? noSubscription;
}

export function useLiveStatus(): LiveStatus {
  const live = useContext(LiveContext);
  return useSyncExternalStore(live?.subscribe ?? noSubscription, live?.status ?? notLive);
}
