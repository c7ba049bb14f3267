import type { components } from './schema';

type ErrorBody = components['schemas']['Error'];
export type Mistake = components['schemas']['Mistake'];
type Obstacle = components['schemas']['Obstacle'];

/** What went wrong with a call, in words that a person can act on. Every failed call throws one. */
export class Problem extends Error {
  override name = 'Problem';
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Stable, for machines: the API's code, or "unreachable" when no answer came. */
  readonly code: string;
  /** What was wrong with which input: the place in it, and why. */
  readonly mistakes: Mistake[];
  /** What keeps a workflow from working, where that is why the call was refused. */
  readonly obstacles: Obstacle[];
  /** The mistakes as lines for people. */
  readonly details: string[];
  /** Names the request in the server's log. */
  readonly requestId: string;

  constructor(p: {
    status: number;
    code: string;
    message: string;
    details?: { mistakes: Mistake[]; obstacles?: Obstacle[] | null } | null;
    requestId?: string;
  }) {
    super(p.message);
    this.status = p.status;
    this.code = p.code;
    this.mistakes = p.details?.mistakes ?? [];
    this.obstacles = p.details?.obstacles ?? [];
    this.details = this.mistakes.map((m) => (m.path ? `${m.path}: ${m.message}` : m.message));
    this.requestId = p.requestId ?? '';
  }

  static unreachable(): Problem {
    return new Problem({
      status: 0,
      code: 'unreachable',
      message: 'Neo’s server does not answer. Check your network and that the server is running, then try again.',
    });
  }

  /** Reads the API's error body; answers of anything in between (a proxy, say) have none. */
  static fromAnswer(status: number, body: unknown): Problem {
    if (isErrorBody(body)) {
      const { code, message, details } = body.error;
      return new Problem({ status, code, message, details, requestId: body.meta?.request_id });
    }
    return new Problem({
      status,
      code: status >= 500 ? 'unavailable' : 'internal',
      message: `The server answered with status ${status} and no explanation. Try again; if it stays, look into the server’s log.`,
    });
  }

  static from(error: unknown): Problem {
    if (error instanceof Problem) return error;
    return new Problem({
      status: 0,
      code: 'internal',
      message: 'Something went wrong in this page. Reload it and try again.',
    });
  }
}

function isErrorBody(body: unknown): body is ErrorBody {
  if (typeof body !== 'object' || body === null || !('error' in body)) return false;
  const { error } = body;
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';
}
