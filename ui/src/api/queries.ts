import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import type { Session } from './client';
import { Problem } from './problem';

/** Everything that a change in Neo can alter; the live stream makes these be fetched again. */
const LIVE = new Set<unknown>([
  'integrations',
  'workflows',
  'history',
  'event',
  'run',
  'health',
  'alerts',
  'approvals',
  'scheduled-work',
  'shadow',
]);

export const keys = {
  session: ['session'] as const,
  connectForm: ['connect-form'] as const,
  integrations: ['integrations'] as const,
  health: (id: string) => ['health', id] as const,
  alerts: ['alerts'] as const,
  workflows: ['workflows'] as const,
  workflow: (id: string) => ['workflows', id] as const,
  history: (filter: object) => ['history', filter] as const,
  event: (id: string) => ['event', id] as const,
  explanation: (eventId: string) => ['explanation', eventId] as const,
  run: (id: string) => ['run', id] as const,
  approvals: ['approvals'] as const,
  approvalList: (state: string) => ['approvals', 'list', state] as const,
  approval: (id: string) => ['approvals', 'one', id] as const,
  scheduledWork: ['scheduled-work'] as const,
  settings: ['settings'] as const,
  endpoints: ['endpoints'] as const,
  apiKeys: ['api-keys'] as const,
  permissions: (id: string) => ['permissions', id] as const,
  versions: (id: string) => ['versions', id] as const,
  version: (id: string, version: number) => ['versions', id, version] as const,
  shadow: (id: string) => ['shadow', id] as const,
  backtest: (id: string) => ['backtest', id] as const,
};

/** A client whose calls, once refused for want of a session, put the dashboard back to sign-in. */
export function createQueryClient(): QueryClient {
  const onError = (error: unknown) => {
    if (error instanceof Problem && error.status === 401) {
      client.setQueryData<Session>(keys.session, (s) => (s?.user ? { ...s, user: null } : s));
    }
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // What the server refuses it will refuse again; only silence and overload are worth a second try.
        retry: (count, error) => {
          const { status } = Problem.from(error);
          return count < 1 && (status === 0 || status === 502 || status === 503 || status === 504);
        },
        retryDelay: 600,
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}

/** Fetches again what is on screen and marks the rest as old. Resolves when all answers are in. */
export function refreshLive(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ predicate: (q) => LIVE.has(q.queryKey[0]) }, { cancelRefetch: false });
}
