import { queryOptions } from '@tanstack/react-query';
import { api, data, type Integration } from '../../api/client';
import { keys } from '../../api/queries';

export const integrationsQuery = queryOptions({
  queryKey: keys.integrations,
  queryFn: async ({ signal }): Promise<Integration[]> =>
    (await data(api.GET('/api/v1/integrations', { signal }))) ?? [],
});

export const healthQuery = (id: string) =>
  queryOptions({
    queryKey: keys.health(id),
    queryFn: ({ signal }) => data(api.GET('/api/v1/integrations/{id}/health', { params: { path: { id } }, signal })),
    refetchInterval: 30_000,
  });

export const connectFormQuery = queryOptions({
  queryKey: keys.connectForm,
  queryFn: ({ signal }) => data(api.GET('/api/v1/integrations/servicenow/form', { signal })),
  staleTime: 5 * 60_000,
});
