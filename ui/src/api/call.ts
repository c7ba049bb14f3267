import { body } from './client';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface Options {
  query?: Record<string, string | undefined>;
  body?: unknown;
  signal?: AbortSignal;
}

export interface Envelope<T> {
  data: T;
  meta: { next_cursor?: string };
}

/** Calls an endpoint below /api/v1 whose types are written by hand; throws a Problem, as the generated client does. */
export function envelope<T>(method: Method, path: string, options: Options = {}): Promise<Envelope<T>> {
  return body<Envelope<T>>(ask(method, path, options));
}

/** Returns what is inside the envelope. */
export async function call<T>(method: Method, path: string, options: Options = {}): Promise<T> {
  return (await envelope<T>(method, path, options)).data;
}

async function ask<T>(method: Method, path: string, { query, body, signal }: Options) {
  const url = new URL(`/api/v1${path}`, window.location.origin);
  for (const [name, value] of Object.entries(query ?? {})) if (value) url.searchParams.set(name, value);
  const response = await fetch(
    new Request(url, {
      method,
      signal,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    }),
  );
  const text = await response.text();
  const answer = parse(text);
  if (response.ok) return { data: (answer ?? { data: null, meta: {} }) as Envelope<T>, response };
  return { error: answer, response };
}

function parse(text: string): unknown {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
