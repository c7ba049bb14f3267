import { data } from './client';

type Method = 'GET' | 'POST' | 'DELETE';

/** Calls an endpoint below /api/v1 that the generated types do not know; throws a Problem, as they do. */
export function call<T>(
  method: Method,
  path: string,
  { body, signal }: { body?: unknown; signal?: AbortSignal } = {},
): Promise<T> {
  return data<T>(ask(method, path, body, signal));
}

async function ask<T>(method: Method, path: string, body: unknown, signal: AbortSignal | undefined) {
  const sent =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
  const response = await fetch(
    new Request(new URL(`/api/v1${path}`, window.location.origin), { method, signal, ...sent }),
  );
  const answer: unknown = await response.json().catch(() => undefined);
  return response.ok ? { data: answer as { data: T }, response } : { error: answer, response };
}
