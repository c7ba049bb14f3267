import type { Event, HistoryEntry } from '../api/client';

/** The types by the names under which people know them. */
export const eventTypes: Record<HistoryEntry['type'], string> = {
  WORKFLOW_EXECUTION: 'Workflow Execution',
  ENTITY_CREATED: 'Entity Created',
  ENTITY_UPDATED: 'Entity Updated',
};

const sources: Record<string, string> = {
  webhook: 'Sent by the ticket system (webhook)',
  sweep: 'Found by Neo’s sweep: the ticket system did not report it',
  backfill: 'Read after connecting, so that Neo knows the ticket',
};

export function sourceWords(source: string): string {
  return sources[source] ?? source;
}

const dispositions: Record<Event['disposition'], string> = {
  MATCHED: 'A workflow concerned this change and was carried out.',
  UNMATCHED: 'No enabled workflow concerns this change, so nothing was done.',
  OWN_WRITE: 'Neo made this change itself, so it started no workflow.',
  RECORDED: 'Read after connecting, so that Neo knows the ticket. No workflow was asked.',
  HELD: 'Neo is writing to this ticket right now. Whether this change is its own is decided when that answer arrives.',
};

export function dispositionWords(event: Event): string {
  if (event.disposition === 'MATCHED' && event.runs.length > 1) {
    return `${event.runs.length} workflows concerned this change and were carried out.`;
  }
  return dispositions[event.disposition] ?? event.disposition;
}
