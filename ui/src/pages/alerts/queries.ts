import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, data, type NeoAlert } from '../../api/client';
import { keys } from '../../api/queries';

export const alertsQuery = queryOptions({
  queryKey: keys.alerts,
  queryFn: async ({ signal }): Promise<NeoAlert[]> => (await data(api.GET('/api/v1/alerts', { signal }))) ?? [],
});

export function useReadAlert(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.POST('/api/v1/alerts/{id}/read', { params: { path: { id } } })),
    onSuccess: () => {
      client.setQueryData<NeoAlert[]>(keys.alerts, (list) =>
        list?.map((a) => (a.id === id ? { ...a, read: true } : a)),
      );
      void client.invalidateQueries({ queryKey: keys.alerts });
    },
  });
}
