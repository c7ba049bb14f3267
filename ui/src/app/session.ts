import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, data, type Session } from '../api/client';
import { keys } from '../api/queries';

export function useSession() {
  return useQuery({
    queryKey: keys.session,
    queryFn: ({ signal }) => data(api.GET('/api/v1/session', { signal })) as Promise<Session>,
    staleTime: 60_000,
  });
}

/** Puts a new session in force, and forgets what another person may have seen. */
function useBeginSession() {
  const client = useQueryClient();
  return (session: Session) => {
    client.removeQueries({ predicate: (q) => q.queryKey[0] !== keys.session[0] });
    client.setQueryData<Session>(keys.session, session);
  };
}

export function useSignIn() {
  const begin = useBeginSession();
  return useMutation({
    mutationFn: (body: { email: string; password: string }) =>
      data(api.POST('/api/v1/session', { body })) as Promise<Session>,
    onSuccess: begin,
  });
}

export function useSetUp() {
  const begin = useBeginSession();
  return useMutation({
    mutationFn: (body: { token: string; name: string; email: string; password: string }) =>
      data(api.POST('/api/v1/setup', { body })) as Promise<Session>,
    onSuccess: begin,
  });
}

export function useSignOut() {
  const begin = useBeginSession();
  return useMutation({
    mutationFn: () => data(api.DELETE('/api/v1/session')) as Promise<Session>,
    onSuccess: begin,
  });
}

/** Where to go after sign-in: a path of this dashboard, whatever the address says. */
export function safeNext(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '';
  return /^\/(?![/\\])/.test(next) && !next.startsWith('/sign-in') && !next.startsWith('/setup') ? next : '/';
}
