import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, body, data, type HistoryEntry, type Outcome, type Run } from '../../api/client';
import { keys } from '../../api/queries';

export interface HistoryFilter {
  ticket?: string;
  type?: HistoryEntry['type'];
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
