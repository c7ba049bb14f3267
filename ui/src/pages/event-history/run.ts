import type { Run, Step, Value } from '../../api/client';
import { differs } from '../../words/ticket';

/** Fields that a run changed, with what they were before it: what an undo restores. */
export function changedByRun(run: Run): { field: string; before: Value | undefined }[] {
  const first = new Map<string, Value | undefined>();
  const last = new Map<string, Value | undefined>();
  for (const step of run.steps) {
    for (const field of Object.keys(step.after)) {
      if (!differs(step.before[field], step.after[field])) continue;
      if (!first.has(field)) first.set(field, step.before[field]);
      last.set(field, step.after[field]);
    }
  }
  return [...first]
    .filter(([field, before]) => differs(before, last.get(field)))
    .map(([field, before]) => ({ field, before }));
}

/** The number of a ticket that a step created, as far as it is told. */
export function createdNumber(step: Step): string {
  const number = step.plan.outputs?.number;
  return typeof number === 'string' ? number : '';
}
