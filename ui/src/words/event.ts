import type { Event, EventType } from '../api/client';

/** The types by the names under which people know them. */
export const eventTypes: Record<EventType, string> = {
  WORKFLOW_EXECUTION: 'Workflow Execution',
  ENTITY_CREATED: 'Entity Created',
  ENTITY_UPDATED: 'Entity Updated',
  WORKFLOW_TRIGGER_REQUESTED: 'Workflow Trigger Requested',
};

const sources: Record<string, string> = {
  webhook: 'Sent by the ticket system (webhook)',
  sweep: 'Found by Neo’s sweep',
  backfill: 'Read after connecting (backfill)',
};

const marks: Record<string, string> = { sweep: 'found by sweep', backfill: 'backfill' };

/** The short word for a source that is not the usual one; "" for that. */
export function sourceMark(source: string): string {
  return marks[source] ?? '';
}

const explanations: Record<string, string> = {
  sweep:
    'The ticket system did not report this change. Neo asks once a minute for what was not reported, and treats it like any other change.',
  backfill:
    'Neo read this ticket when it was connected, so that it knows what was there already. That starts no workflows.',
};

/** What it means that a change came on another way than the usual one; "" for that. */
export function sourceExplanation(source: string): string {
  return explanations[source] ?? '';
}

/** What the updates that nobody ever reported mean for the event after them; "" when there were none. */
export function missedWords(missed: number): string {
  if (missed <= 0) return '';
  if (missed === 1) return '1 update before this one was never reported; what it did is part of this state.';
  return `${missed} updates before this one were never reported; what they did is part of this state.`;
}

export function sourceWords(source: string): string {
  return sources[source] ?? source;
}

const dispositions: Record<Event['disposition'], string> = {
  MATCHED: 'A workflow matches this change. Its run says what came of it.',
  UNMATCHED: 'No enabled workflow matches this change, so nothing was done.',
  OWN_WRITE: 'Neo made this change itself, so it started no workflow.',
  RECORDED: 'Taken in for the record alone: no workflow was asked.',
  HELD: 'Neo is writing to this ticket right now. Whether this change is its own is decided when that answer arrives.',
};

export function dispositionWords(event: Event): string {
  if (event.disposition === 'MATCHED' && event.runs.length > 1) {
    return `${event.runs.length} workflows match this change. Each run says what came of it.`;
  }
  if (event.disposition === 'MATCHED' && event.runs[0]?.shadow) {
    return 'A workflow in shadow mode matches this change. It recorded what it would do; nothing was written.';
  }
  return dispositions[event.disposition] ?? event.disposition;
}
