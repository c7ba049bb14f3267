import type { Outcome, Run, Step, StepState, Value } from '../../api/client';
import type { Plan, TicketRef } from '../../api/plan';
import { differs } from '../../words/ticket';

export type Cause = 'EVENT' | 'SCHEDULE' | 'REQUEST' | 'WORKFLOW' | 'UNDO';

interface MoreOfStep {
  state: StepState;
  /** What the step decided to do. */
  plan?: Plan | null;
  /** The question that the step waits for or was allowed by. */
  approval_id?: string;
  created?: TicketRef | null;
  /** The run that it started. */
  started_run?: string;
}

interface MoreOfRun {
  outcome: Outcome;
  cause?: Cause;
  /** The run that started this one, or that this one undoes. */
  parent_id?: string;
  /** Plans only. */
  shadow?: boolean;
  cancel_requested?: boolean;
  can_cancel?: boolean;
  can_retry?: boolean;
  can_undo?: boolean;
  /** Why it cannot be undone. */
  undo_reason?: string;
  /** The run that undid this one. */
  undone_by?: string;
  steps: FullStep[];
}

export type FullStep = Omit<Step, keyof MoreOfStep> & MoreOfStep;
export type FullRun = Omit<Run, keyof MoreOfRun> & MoreOfRun;

/** Fields that a run changed, with what they were before it: what an undo restores. */
export function changedByRun(run: FullRun): { field: string; before: Value | undefined }[] {
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
export function createdNumber(step: FullStep): string {
  const number = step.plan?.outputs?.number;
  return typeof number === 'string' ? number : '';
}
