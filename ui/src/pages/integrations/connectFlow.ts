import type { Attempt, Check, ConnectInput } from '../../api/client';
import { Problem } from '../../api/problem';

/** The part of a popup window that is used here. */
export interface Popup {
  readonly closed: boolean;
  navigate(url: string): void;
  close(): void;
}

export interface ConnectFlowOptions {
  /** Opens an empty popup; null when the browser blocks it. Only works while a click is being handled. */
  openPopup: () => Popup | null;
  begin: (input: ConnectInput) => Promise<Attempt>;
  attempt: (id: string) => Promise<Attempt>;
  /** Calls back for each message that this page's own origin posts; returns how to stop. */
  onMessage: (listener: (data: unknown) => void) => () => void;
  /** Calls back when something has changed on the server; returns how to stop. */
  onChange?: (listener: () => void) => () => void;
  now?: () => number;
}

export type ConnectState =
  /** Nothing is under way. */
  | { step: 'idle' }
  /** The popup is open and empty; the server is being asked where to send it. */
  | { step: 'starting' }
  /** Consent is being asked for. `blocked`: there is no popup, so `authorizeUrl` has to be clicked. */
  | {
      step: 'waiting';
      attemptId: string;
      integrationId: string;
      authorizeUrl: string;
      blocked: boolean;
      /** Consent was given, and `checks` grow. */
      finishing: boolean;
      checks: Check[];
    }
  /** The popup is gone and no result came. One that still comes is taken. */
  | { step: 'closed'; attemptId: string; integrationId: string; authorizeUrl: string }
  /** `secretSpent`: consent failed, so the secret must not stay in the form. `checks`: how far it came. */
  | { step: 'failed'; problem: Problem; integrationId: string; secretSpent: boolean; checks: Check[] }
  | { step: 'succeeded'; integrationId: string };

export const POLL_EVERY = 500;
/** How long "not yet" is taken for an answer after the popup is gone: the result may be on its way. */
const PATIENCE_AFTER_CLOSE = 2_000;
/** Patience past the attempt's own end, for clocks that disagree. */
const EXPIRY_SLACK = 60_000;

/**
 * Carries one person through consent at ServiceNow, from the click to the result. The outcome of the attempt on the
 * server is the truth; the popup's message and its closing only say when to look.
 */
export class ConnectFlow {
  private state: ConnectState = { step: 'idle' };
  private readonly listeners = new Set<() => void>();
  private readonly options: ConnectFlowOptions;
  private popup: Popup | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopListening: (() => void) | undefined;
  /** When the popup was first seen to be gone; 0 while it is there. */
  private goneSince = 0;
  private giveUpAt = 0;
  /** Rises with each start and cancel: what an older try still answers is ignored. */
  private turn = 0;
  private polling = false;
  private pollAgain = false;

  constructor(options: ConnectFlowOptions) {
    this.options = options;
  }

  readonly getState = (): ConnectState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Call it straight from the click, before anything is awaited: browsers block popups opened later. */
  async start(input: ConnectInput): Promise<void> {
    this.end();
    const turn = this.turn;
    this.popup = this.options.openPopup();
    this.set({ step: 'starting' });
    let attempt: Attempt;
    try {
      attempt = await this.options.begin(input);
      if (!attempt.authorize_url) throw Problem.from(undefined);
    } catch (error) {
      if (turn !== this.turn) return;
      this.popup?.close();
      this.set({ step: 'failed', problem: Problem.from(error), integrationId: '', secretSpent: false, checks: [] });
      return;
    }
    if (turn !== this.turn) return;

    const now = this.now();
    this.giveUpAt = Math.max(now + 120_000, new Date(attempt.expires_at).getTime()) + EXPIRY_SLACK;
    this.goneSince = 0;
    const blocked = !this.popup || this.popup.closed;
    if (blocked) this.popup = null;
    else this.popup?.navigate(attempt.authorize_url);
    this.set({
      step: 'waiting',
      attemptId: attempt.id,
      integrationId: attempt.integration_id,
      authorizeUrl: attempt.authorize_url,
      blocked,
      finishing: false,
      checks: [],
    });
    const stopMessages = this.options.onMessage((data) => this.received(data));
    const stopChanges = this.options.onChange?.(() => void this.poll());
    this.stopListening = () => {
      stopMessages();
      stopChanges?.();
    };
    this.schedule();
  }

  /** Opens the popup for an attempt whose first one was blocked or closed. Returns false when it is blocked again. */
  reopen(): boolean {
    const { state } = this;
    if (state.step !== 'waiting' && state.step !== 'closed') return false;
    const popup = this.options.openPopup();
    if (!popup) return false;
    this.popup = popup;
    this.goneSince = 0;
    popup.navigate(state.authorizeUrl);
    this.set({
      step: 'waiting',
      attemptId: state.attemptId,
      integrationId: state.integrationId,
      authorizeUrl: state.authorizeUrl,
      blocked: false,
      finishing: false,
      checks: [],
    });
    return true;
  }

  /** Gives this try up: its popup goes, and no result of it is taken any more. */
  cancel(): void {
    this.popup?.close();
    this.end();
    this.set({ step: 'idle' });
  }

  /** Stops looking, without a word: the page is left. */
  stop(): void {
    this.end();
    this.state = { step: 'idle' };
  }

  private received(data: unknown): void {
    const attemptId = this.attemptId();
    if (!attemptId || !isResult(data)) return;
    if (data.attempt === attemptId) {
      void this.poll();
    } else if (data.attempt === '' && !data.ok) {
      // The answer of the instance could not be matched to any try; ours stays open on the server.
      const message =
        data.message ||
        'The answer of ServiceNow could not be matched to this try. Try again, and stay in this browser until it is done.';
      this.fail(new Problem({ status: 0, code: 'refused', message }), '');
    }
  }

  private attemptId(): string | undefined {
    return this.state.step === 'waiting' || this.state.step === 'closed' ? this.state.attemptId : undefined;
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.poll(), POLL_EVERY);
  }

  private async poll(): Promise<void> {
    if (this.polling) {
      this.pollAgain = true;
      return;
    }
    const attemptId = this.attemptId();
    if (!attemptId) return;
    const turn = this.turn;
    // Look at the window first: a result that was there before it closed is then seen by this very poll.
    const gone = this.popup?.closed ?? false;
    if (!gone) this.goneSince = 0;
    else if (this.goneSince === 0) this.goneSince = this.now();
    this.polling = true;
    let attempt: Attempt | undefined;
    let refused: Problem | undefined;
    try {
      attempt = await this.options.attempt(attemptId);
    } catch (error) {
      const problem = Problem.from(error);
      if (problem.status >= 400 && problem.status < 500 && problem.status !== 429) refused = problem;
    } finally {
      this.polling = false;
    }
    if (turn !== this.turn) return;

    if (refused) return this.fail(refused, '');
    if (attempt?.outcome === 'SUCCESS') {
      this.popup?.close();
      this.end();
      this.set({ step: 'succeeded', integrationId: attempt.integration_id });
      return;
    }
    if (attempt?.outcome === 'FAILURE') {
      const message = attempt.message || 'ServiceNow was not connected. Check the fields and try again.';
      return this.fail(new Problem({ status: 0, code: 'refused', message }), attempt.integration_id, attempt.checks);
    }
    if (this.now() > this.giveUpAt) {
      const message = 'Consent was not given in time, so this try has ended. Try again.';
      return this.fail(new Problem({ status: 0, code: 'unavailable', message }), '');
    }

    const { state } = this;
    if (state.step === 'waiting') {
      const finishing = attempt?.outcome === 'RUNNING';
      if (gone && attempt?.outcome === 'PENDING' && this.now() - this.goneSince >= PATIENCE_AFTER_CLOSE) {
        const { integrationId, authorizeUrl } = state;
        this.set({ step: 'closed', attemptId, integrationId, authorizeUrl });
      } else if (attempt && (finishing || state.finishing)) {
        this.set({ ...state, finishing, checks: attempt.checks });
      }
    } else if (state.step === 'closed' && attempt?.outcome === 'RUNNING') {
      this.set({
        step: 'waiting',
        attemptId,
        integrationId: state.integrationId,
        authorizeUrl: state.authorizeUrl,
        blocked: false,
        finishing: true,
        checks: attempt.checks,
      });
    }
    if (this.pollAgain) {
      this.pollAgain = false;
      void this.poll();
    } else {
      this.schedule();
    }
  }

  private fail(problem: Problem, integrationId: string, checks: Check[] = []): void {
    this.popup?.close();
    this.end();
    this.set({ step: 'failed', problem, integrationId, secretSpent: true, checks });
  }

  private end(): void {
    this.turn++;
    this.popup = null;
    this.pollAgain = false;
    this.polling = false;
    clearTimeout(this.timer);
    this.stopListening?.();
    this.stopListening = undefined;
  }

  private now(): number {
    return this.options.now?.() ?? Date.now();
  }

  private set(state: ConnectState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

interface Result {
  type: 'neo:connect';
  attempt: string;
  ok: boolean;
  message?: string;
}

function isResult(data: unknown): data is Result {
  if (typeof data !== 'object' || data === null) return false;
  const d = data as Record<string, unknown>;
  return (
    d.type === 'neo:connect' &&
    typeof d.attempt === 'string' &&
    typeof d.ok === 'boolean' &&
    (d.message === undefined || typeof d.message === 'string')
  );
}
