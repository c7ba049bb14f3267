import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, body, data, type EventType, type HistoryEntry, type Outcome, type Run } from '../../api/client';
import { keys } from '../../api/queries';

export interface HistoryFilter {
  ticket?: string;
  type?: EventType;
  outcome?: Outcome;
}

export interface HistoryPage {
  entries: HistoryEntry[];
  next: string | undefined;
}

export const historyQuery = (filter: HistoryFilter) =>
  infiniteQueryOptions({
    queryKey: keys.history(filter),
    queryFn: async ({ pageParam, signal }): Promise<HistoryPage> => {
      const query = { ...filter, limit: 50, ...(pageParam && { cursor: pageParam }) };
      const answer = await body(api.GET('/api/v1/history', { params: { query }, signal }));
      return { entries: answer.data ?? [], next: answer.meta.next_cursor };
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    maxPages: 20, // what is kept fresh while changes pour in has to stay bounded
  });

export const eventQuery = (id: string) =>
  queryOptions({
    queryKey: keys.event(id),
    queryFn: ({ signal }) => data(api.GET('/api/v1/events/{id}', { params: { path: { id } }, signal })),
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: keys.run(id),
    queryFn: ({ signal }): Promise<Run> => data(api.GET('/api/v1/runs/{id}', { params: { path: { id } }, signal })),
  });

/** Does something about a run. The answer is the run, for an undo the new one. */
export function useRunAction(id: string, action: 'cancel' | 'retry' | 'undo') {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (): Promise<Run> => data(api.POST(`/api/v1/runs/{id}/${action}`, { params: { path: { id } } })),
    onSuccess: (run) => client.setQueryData(keys.run(run.id), run),
    // Also after a refusal: then the run is not as it was shown.
    onSettled: () => client.invalidateQueries({ queryKey: keys.run(id) }),
  });
}
