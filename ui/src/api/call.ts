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
  return { error: inWords(answer), response };
}

function parse(text: string): unknown {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

interface Mistake {
  path: string;
  message: string;
}

/** What is wrong with a definition comes as mistakes with their places; a failure shows sentences. */
function inWords(answer: unknown): unknown {
  const error = (answer as { error?: { details?: unknown } } | undefined)?.error;
  const mistakes = (error?.details as { mistakes?: Mistake[] } | null | undefined)?.mistakes;
  if (!error || !Array.isArray(mistakes)) return answer;
  return {
    ...(answer as object),
    error: { ...error, details: mistakes.map((m) => (m.path ? `${m.path}: ${m.message}` : m.message)) },
  };
}
