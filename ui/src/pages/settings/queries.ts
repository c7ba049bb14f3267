import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { type ApiKey, api, data, type Endpoint, type EndpointForm, type Settings } from '../../api/client';
import { keys } from '../../api/queries';

export type EndpointKind = Endpoint['kind'];

export const settingsQuery = queryOptions({
  queryKey: keys.settings,
  queryFn: ({ signal }) => data(api.GET('/api/v1/settings', { signal })),
});

export function useSaveSettings() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (settings: Settings) => data(api.PUT('/api/v1/settings', { body: settings })),
    onSuccess: (saved) => client.setQueryData(keys.settings, saved),
  });
}

export const endpointsQuery = queryOptions({
  queryKey: keys.endpoints,
  queryFn: async ({ signal }): Promise<Endpoint[]> => (await data(api.GET('/api/v1/endpoints', { signal }))) ?? [],
});

/** Saves a new endpoint, or the one of that id. */
export function useSaveEndpoint(id?: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (form: EndpointForm) =>
      id
        ? data(api.PUT('/api/v1/endpoints/{id}', { params: { path: { id } }, body: form }))
        : data(api.POST('/api/v1/endpoints', { body: form })),
    gcTime: 0, // it holds secrets
    onSuccess: () => client.invalidateQueries({ queryKey: keys.endpoints }),
  });
}

export function useDeleteEndpoint(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.DELETE('/api/v1/endpoints/{id}', { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.endpoints }),
  });
}

/** Sends a test message there. */
export function useTestEndpoint(id: string) {
  return useMutation({
    mutationFn: () => data(api.POST('/api/v1/endpoints/{id}/test', { params: { path: { id } } })),
  });
}

export const apiKeysQuery = queryOptions({
  queryKey: keys.apiKeys,
  queryFn: async ({ signal }): Promise<ApiKey[]> => (await data(api.GET('/api/v1/api-keys', { signal }))) ?? [],
});

/** Makes a key. The answer holds it, this once. */
export function useCreateApiKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (key: { name: string; expires_at?: string }) => data(api.POST('/api/v1/api-keys', { body: key })),
    gcTime: 0,
    onSuccess: () => client.invalidateQueries({ queryKey: keys.apiKeys }),
  });
}

export function useRevokeApiKey(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.DELETE('/api/v1/api-keys/{id}', { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.apiKeys }),
  });
}
