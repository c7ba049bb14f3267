import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, type BackfillInput, data, type Integration, type Permission as Saved } from '../../api/client';
import { keys } from '../../api/queries';
import { groupName } from '../../words/permission';

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

export type PermissionLevel = Saved['level'];
/** What Neo may do in one part of the ticket system. */
export type Permission = Required<Saved>;

const whole = ({ permissions }: { permissions: Saved[] }): Permission[] =>
  permissions.map(({ group, label, level, ask_first }) => ({
    group,
    label: label ?? groupName(group),
    level,
    ask_first: ask_first ?? false,
  }));

export const permissionsQuery = (id: string) =>
  queryOptions({
    queryKey: keys.permissions(id),
    queryFn: async ({ signal }) =>
      whole(await data(api.GET('/api/v1/integrations/{id}/permissions', { params: { path: { id } }, signal }))),
  });

export function useSavePermissions(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (permissions: Permission[]) => {
      const saved = api.PUT('/api/v1/integrations/{id}/permissions', {
        params: { path: { id } },
        body: { permissions },
      });
      return whole(await data(saved));
    },
    onSuccess: (fresh) => client.setQueryData(keys.permissions(id), fresh),
  });
}

/** Has Neo look at the instance now, and repair what it may. */
export function useInspect(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.POST('/api/v1/integrations/{id}/inspect', { params: { path: { id } } })),
    onSuccess: (fresh) => {
      client.setQueryData(keys.health(id), fresh);
      void client.invalidateQueries({ queryKey: keys.integrations });
    },
  });
}

/** Starts the reading of older tickets, pauses it, or goes on with it. */
export function useBackfill(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BackfillInput) =>
      data(api.POST('/api/v1/integrations/{id}/backfill', { params: { path: { id } }, body })),
    onSuccess: (fresh) => client.setQueryData(keys.health(id), fresh),
  });
}

/** Fetches what an administrator plants by hand. It holds a secret: it is asked for only when somebody wants it. */
export function useSetupFiles(id: string) {
  return useMutation({
    mutationFn: () => data(api.POST('/api/v1/integrations/{id}/setup-files', { params: { path: { id } } })),
    gcTime: 0,
  });
}

/** Ends a connection. The answer says what could not be removed. */
export function useDisconnect(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.POST('/api/v1/integrations/{id}/disconnect', { params: { path: { id } } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.integrations });
      void client.invalidateQueries({ queryKey: keys.alerts });
    },
  });
}
