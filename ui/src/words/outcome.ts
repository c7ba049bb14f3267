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
