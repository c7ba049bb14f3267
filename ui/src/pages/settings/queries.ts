import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/call';
import { keys } from '../../api/queries';

export interface Settings {
  /** IANA name. */
  time_zone: string;
  /** MON … SUN */
  business_days: string[];
  /** "09:00" */
  opens_at: string;
  closes_at: string;
}

export type EndpointKind = 'SLACK' | 'TEAMS' | 'HTTPS';

/** A place to which workflows may send messages. Its address is a secret: only the host is ever told. */
export interface Endpoint {
  id: string;
  name: string;
  kind: EndpointKind;
  host: string;
}

export interface EndpointInput {
  name: string;
  kind: EndpointKind;
  /** Left out: stays as it is. */
  url?: string;
  headers?: { name: string; value: string }[];
}

export interface ApiKey {
  id: string;
  name: string;
  /** Its last four characters. */
  hint: string;
  created_at: string;
  last_used_at: string | null;
  expires_at: string | null;
}

export const settingsQuery = queryOptions({
  queryKey: keys.settings,
  queryFn: ({ signal }) => call<Settings>('GET', '/settings', { signal }),
});

export function useSaveSettings() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Settings) => call<Settings>('PUT', '/settings', { body }),
    onSuccess: (settings) => client.setQueryData(keys.settings, settings),
  });
}

export const endpointsQuery = queryOptions({
  queryKey: keys.endpoints,
  queryFn: async ({ signal }) => (await call<Endpoint[] | null>('GET', '/endpoints', { signal })) ?? [],
});

/** Saves a new endpoint, or the one of that id. */
export function useSaveEndpoint(id?: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: EndpointInput) =>
      id
        ? call<Endpoint>('PUT', `/endpoints/${encodeURIComponent(id)}`, { body })
        : call<Endpoint>('POST', '/endpoints', { body }),
    gcTime: 0, // it holds secrets
    onSuccess: () => client.invalidateQueries({ queryKey: keys.endpoints }),
  });
}

export function useDeleteEndpoint(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call<unknown>('DELETE', `/endpoints/${encodeURIComponent(id)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.endpoints }),
  });
}

/** Sends a test message there. */
export function useTestEndpoint(id: string) {
  return useMutation({
    mutationFn: () => call<unknown>('POST', `/endpoints/${encodeURIComponent(id)}/test`),
  });
}

export const apiKeysQuery = queryOptions({
  queryKey: keys.apiKeys,
  queryFn: async ({ signal }) => (await call<ApiKey[] | null>('GET', '/api-keys', { signal })) ?? [],
});

/** Makes a key. The answer holds it, this once. */
export function useCreateApiKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; expires_at?: string }) =>
      call<ApiKey & { key: string }>('POST', '/api-keys', { body }),
    gcTime: 0,
    onSuccess: () => client.invalidateQueries({ queryKey: keys.apiKeys }),
  });
}

export function useRevokeApiKey(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call<unknown>('DELETE', `/api-keys/${encodeURIComponent(id)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.apiKeys }),
  });
}
