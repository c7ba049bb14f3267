import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, type Definition, data } from '../../../api/client';
import { keys } from '../../../api/queries';

export function useTestOnTicket() {
  return useMutation({
    mutationFn: (body: { definition: Definition; number: string }) =>
      data(api.POST('/api/v1/workflows/test', { body })),
  });
}

export function useStartBacktest() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { definition: Definition; days: number }) => data(api.POST('/api/v1/backtests', { body })),
    onSuccess: (backtest) => client.setQueryData(keys.backtest(backtest.id), backtest),
  });
}

/** How a backtest stands, asked for until it is over. */
export const backtestQuery = (id: string) =>
  queryOptions({
    queryKey: keys.backtest(id),
    queryFn: ({ signal }) => data(api.GET('/api/v1/backtests/{id}', { params: { path: { id } }, signal })),
    enabled: id !== '',
    refetchInterval: ({ state }) => (!state.data || state.data.state === 'RUNNING' ? 600 : false),
  });

export function useCancelBacktest(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.POST('/api/v1/backtests/{id}/cancel', { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.backtest(id) }),
  });
}

/** Where the cases of a backtest are as a file. */
export const csvUrl = (id: string) => `/api/v1/backtests/${encodeURIComponent(id)}/csv`;

export const shadowQuery = (id: string) =>
  queryOptions({
    queryKey: keys.shadow(id),
    queryFn: ({ signal }) => data(api.GET('/api/v1/workflows/{id}/shadow', { params: { path: { id } }, signal })),
  });

export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: keys.versions(id),
    queryFn: async ({ signal }) =>
      (await data(api.GET('/api/v1/workflows/{id}/versions', { params: { path: { id } }, signal }))) ?? [],
  });

export const versionQuery = (id: string, version: number) =>
  queryOptions({
    queryKey: keys.version(id, version),
    queryFn: ({ signal }) =>
      data(api.GET('/api/v1/workflows/{id}/versions/{version}', { params: { path: { id, version } }, signal })),
  });
