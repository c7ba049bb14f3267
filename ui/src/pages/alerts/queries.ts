import { queryOptions } from '@tanstack/react-query';
import { api, data, type NeoAlert } from '../../api/client';
import { keys } from '../../api/queries';

export const alertsQuery = queryOptions({
  queryKey: keys.alerts,
  queryFn: async ({ signal }): Promise<NeoAlert[]> => (await data(api.GET('/api/v1/alerts', { signal }))) ?? [],
});
