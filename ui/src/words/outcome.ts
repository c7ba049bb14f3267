import type { Outcome, Step } from '../api/client';

export interface Look {
  label: string;
  color: string;
}

/** How outcomes are named and coloured, everywhere. */
export const outcomes: Record<Outcome, Look> = {
  SUCCESS: { label: 'Success', color: 'green' },
  FAILURE: { label: 'Failure', color: 'red' },
  SKIPPED: { label: 'Skipped', color: 'gray' },
  PENDING: { label: 'Pending', color: 'yellow' },
  RUNNING: { label: 'Running', color: 'blue' },
  WAITING: { label: 'Waiting', color: 'yellow' },
  CANCELLED: { label: 'Cancelled', color: 'gray' },
};

/** What an outcome is of, where that makes a difference to what it says. */
export interface OutcomeOf {
  /** It only recorded what it would do: nothing was written. */
  shadow?: boolean;
  /** It is a change of a ticket: it was matched, which says nothing yet of what its runs do. */
  change?: boolean;
}

/** How an outcome is shown: a success is green only where something was done. */
export function outcomeLook(outcome: Outcome, of: OutcomeOf = {}): Look {
  if (outcome === 'SUCCESS' && of.change) return { label: 'Matched', color: 'petrol' };
  if (outcome === 'SKIPPED' && of.change) return { label: 'No match', color: 'gray' };
  if (outcome === 'SUCCESS' && of.shadow) return { label: 'Shadow', color: 'blue' };
  return look(outcomes, outcome);
}

export const stepStates: Record<Step['state'], Look> = {
  WRITING: { label: 'Writing', color: 'blue' },
  DONE: { label: 'Done', color: 'green' },
  FAILED: { label: 'Failed', color: 'red' },
  SKIPPED: { label: 'Nothing to do', color: 'gray' },
  WAITING: { label: 'Waiting', color: 'yellow' },
  PLANNED: { label: 'Planned only', color: 'petrol' },
};

/** The look of a value; one that this dashboard does not know yet is shown as it is. */
export function look<T extends string>(looks: Record<T, Look>, value: T): Look {
  return looks[value] ?? { label: value, color: 'gray' };
}

export function isFinal(outcome: Outcome): boolean {
  return outcome === 'SUCCESS' || outcome === 'FAILURE' || outcome === 'SKIPPED' || outcome === 'CANCELLED';
}

/** Share of finished runs that succeeded; null before any run has finished either way. */
export function successRate(w: { successes: number; failures: number }): number | null {
  const finished = w.successes + w.failures;
  return finished === 0 ? null : w.successes / finished;
}

export function percent(share: number | null): string {
  if (share === null) return '–';
  // 99.6 % is not "all": rounding must not hide a failure, nor a success.
  const rounded = Math.round(share * 100);
  if (rounded === 100 && share < 1) return '99%';
  if (rounded === 0 && share > 0) return '1%';
  return `${rounded}%`;
}
