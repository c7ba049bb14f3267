/** How the stream of changes stands. */
export type LiveStatus = 'connecting' | 'live' | 'reconnecting';

/** The part of EventSource that is used here. */
export interface Source {
  readonly readyState: number;
  addEventListener(type: string, listener: () => void): void;
  close(): void;
}

const CLOSED = 2; // EventSource.CLOSED

export interface LiveOptions {
  open: () => Source;
  /** Something has changed: resolve when it has been fetched. Never called again before that. */
  refresh: () => Promise<void>;
  /** The server refused the stream: perhaps the session is over. */
  onRefused?: () => void;
  /** At least this many milliseconds from one refresh to the next. */
  interval?: number;
}

/**
 * Listens to the server's stream of changes and keeps what is on screen fresh. A burst of changes becomes one refresh,
 * a change during a refresh becomes one more after it, and a break of the stream counts as a change, since some may
 * have been missed.
 */
export class Live {
  private source: Source | undefined;
  private current: LiveStatus = 'connecting';
  private readonly listeners = new Set<() => void>();
  private readonly changeListeners = new Set<() => void>();
  private retry: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private refreshing = false;
  private again = false;
  private readonly options: LiveOptions;

  constructor(options: LiveOptions) {
    this.options = options;
  }

  readonly status = (): LiveStatus => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Calls back at each change, before anything is fetched; returns how to stop. */
  readonly onChange = (listener: () => void): (() => void) => {
    this.changeListeners.add(listener);
    return () => this.changeListeners.delete(listener);
  };

  start(): void {
    if (this.source || this.retry) return;
    this.connect();
  }

  stop(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    this.source?.close();
    this.source = undefined;
  }

  private connect(): void {
    const source = this.options.open();
    this.source = source;
    source.addEventListener('open', () => {
      if (this.source !== source) return;
      const missed = this.current === 'reconnecting';
      this.failures = 0;
      this.set('live');
      if (missed) void this.changed();
    });
    source.addEventListener('changed', () => {
      if (this.source === source) void this.changed();
    });
    source.addEventListener('error', () => {
      if (this.source !== source) return;
      this.set('reconnecting');
      if (source.readyState !== CLOSED) return; // the browser tries again by itself
      this.source = undefined;
      this.options.onRefused?.();
      const wait = Math.min(15_000, 1000 * 2 ** this.failures++);
      this.retry = setTimeout(() => {
        this.retry = undefined;
        this.connect();
      }, wait);
    });
  }

  /** Marks the stream as broken on purpose, so that the next connection catches up. */
  pause(): void {
    this.stop();
    this.set('reconnecting');
  }

  private async changed(): Promise<void> {
    for (const listener of this.changeListeners) listener();
    if (this.refreshing) {
      this.again = true;
      return;
    }
    this.refreshing = true;
    try {
      do {
        this.again = false;
        const rest = new Promise((resolve) => setTimeout(resolve, this.options.interval ?? 800));
        await Promise.all([this.options.refresh().catch(() => undefined), rest]);
      } while (this.again);
    } finally {
      this.refreshing = false;
    }
  }

  private set(status: LiveStatus): void {
    if (this.current === status) return;
    this.current = status;
    for (const listener of this.listeners) listener();
  }
}
