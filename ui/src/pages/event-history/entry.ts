import type { EventType, HistoryEntry } from '../../api/client';

/** Where an entry is shown in full. */
export function entryPath(entry: HistoryEntry): string {
  const type = entry.type as EventType;
  if (type === 'WORKFLOW_EXECUTION') return `/runs/${entry.id}`;
  if (type === 'WORKFLOW_TRIGGER_REQUESTED') return `/scheduled-work?work=${encodeURIComponent(entry.id)}`;
  return `/events/${entry.id}`;
}
