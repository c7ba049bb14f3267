import type { HistoryEntry } from '../../api/client';
import type { OutcomeOf } from '../../words/outcome';

/** What the outcome of an entry is of. */
export function outcomeOf(entry: HistoryEntry): OutcomeOf {
  const change = entry.type === 'ENTITY_CREATED' || entry.type === 'ENTITY_UPDATED';
  return { change, shadow: entry.shadow };
}

/** Where an entry is shown in full. */
export function entryPath(entry: HistoryEntry): string {
  if (entry.type === 'WORKFLOW_EXECUTION') return `/runs/${entry.id}`;
  if (entry.type === 'WORKFLOW_TRIGGER_REQUESTED') {
    return entry.run_id ? `/runs/${entry.run_id}` : `/scheduled-work?work=${entry.id}`;
  }
  return `/events/${entry.id}`;
}
