import type { HistoryEntry } from '../../api/client';

/** Where an entry is shown in full. */
export function entryPath(entry: HistoryEntry): string {
  return entry.type === 'WORKFLOW_EXECUTION' ? `/runs/${entry.id}` : `/events/${entry.id}`;
}
