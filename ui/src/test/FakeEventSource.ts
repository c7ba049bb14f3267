import type { Source } from '../app/live';

/** A stream that the test speaks on. */
export class FakeEventSource implements Source {
  static readonly all: FakeEventSource[] = [];
  static get last(): FakeEventSource {
    const last = FakeEventSource.all.at(-1);
    if (!last) throw new Error('no stream was opened');
    return last;
  }

  readyState = 0;
  private readonly listeners = new Map<string, (() => void)[]>();

  constructor() {
    FakeEventSource.all.push(this);
  }

  addEventListener(type: string, listener: () => void): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  close(): void {
    this.readyState = 2;
  }

  emit(type: 'open' | 'changed'): void {
    this.readyState = 1;
    for (const listener of this.listeners.get(type) ?? []) listener();
  }

  /** Breaks: by itself again (`refused` false), or for good as after an answer that is no stream. */
  fail(refused: boolean): void {
    this.readyState = refused ? 2 : 0;
    for (const listener of this.listeners.get('error') ?? []) listener();
  }
}
