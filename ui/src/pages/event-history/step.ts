import type { ActionSpec, Step } from '../../api/client';
import type { Change } from '../../components/Changes';
import { differs, fieldName, list, shown } from '../../words/ticket';
import { actionName, actionWords } from '../../words/workflow';

/** Every field that the step looked at, before and after it. Without an answer yet, there is no after. */
export function stepChanges(step: Step): Change[] {
  const fields = new Set([...Object.keys(step.before), ...Object.keys(step.after)]);
  const answered = Object.keys(step.after).length > 0;
  return [...fields].map((field) => ({
    field,
    from: step.before[field],
    to: answered ? step.after[field] : null,
  }));
}

/** What the step did, in words: by the workflow where it is known, otherwise by what became of the ticket. */
export function stepWords(step: Step, action: ActionSpec | undefined): string {
  if (action && action.type === step.action) return actionWords(action);
  const changed = stepChanges(step).filter((c) => c.to !== null && differs(c.from, c.to));
  switch (step.action) {
    case 'ASSIGN_TICKET': {
      const to = [step.after.assignment_group, step.after.assigned_to].map(shown).filter(Boolean);
      return to.length ? `Assign to ${to.join(', ')}` : actionName(step.action);
    }
    case 'UPDATE_TICKET_FIELDS':
      return changed.length
        ? `Set ${list(changed.map((c) => `${fieldName(c.field)} to “${shown(c.to ?? undefined)}”`))}`
        : actionName(step.action);
    case 'ADD_WORK_NOTE':
      return 'Add a work note';
    default:
      return actionName(step.action);
  }
}
