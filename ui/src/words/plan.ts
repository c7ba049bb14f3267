import type { Plan, Rule, Value } from '../api/client';
import { list, ticketClass } from './ticket';
import { conditionWords } from './workflow';

export interface FieldChange {
  field: string;
  from: Value | undefined;
  to: Value | undefined;
}

/** One thing that a plan does, with the text that goes with it. */
export interface PlanPart {
  kind: 'work_note' | 'client_note' | 'email' | 'time' | 'create' | 'message' | 'ask' | 'wait' | 'stop' | 'start';
  title: string;
  /** Written by people or by a template: shown as it is. */
  text?: string;
  /** Fields that a new ticket gets. */
  fields?: [field: string, value: string][];
}

/** The outputs in which actions give the texts for what they write into a field. */
const outputOf: Record<string, string> = { assigned_to: 'technician', assignment_group: 'group' };

/** What a plan writes into fields of the ticket, against what is there now. */
export function plannedChanges(plan: Plan, before: Record<string, Value> = {}): FieldChange[] {
  return Object.entries(plan.write.fields ?? {}).map(([field, value]) => {
    const from = before[field];
    if (from?.value === value) return { field, from, to: from };
    const text = plan.outputs?.[outputOf[field] ?? ''];
    return { field, from, to: { value, ...(value && typeof text === 'string' && { display: text }) } };
  });
}

/** Everything that a plan does besides writing fields. */
export function planParts(plan: Plan): PlanPart[] {
  const { write, create, send, ask, wait, stop, start } = plan;
  const parts: PlanPart[] = [];
  if (write.work_note) parts.push({ kind: 'work_note', title: 'Work note, internal', text: write.work_note });
  if (write.client_note)
    parts.push({ kind: 'client_note', title: 'Client-facing note, seen by the customer', text: write.client_note });
  if (write.email) {
    const { to, subject, text } = write.email;
    parts.push({ kind: 'email', title: `E-mail to ${to}: ${subject}`, text });
  }
  if (write.time_entry) {
    parts.push({
      kind: 'time',
      title: `Time entry of ${minutes(write.time_entry.minutes)}`,
      text: write.time_entry.text,
    });
  }
  if (create) {
    parts.push({
      kind: 'create',
      title: `New ${ticketClass(create.class)}${create.parent ? ', linked to this ticket' : ''}`,
      text: create.client_note || create.work_note,
      fields: Object.entries(create.fields ?? {}),
    });
  }
  if (send) parts.push({ kind: 'message', title: `Message to ${send.endpoint}`, text: send.text || send.body });
  if (ask) parts.push({ kind: 'ask', title: `Question to ${approverWords(ask.approvers)}`, text: ask.text });
  if (wait) parts.push({ kind: 'wait', title: waitWords(wait.becomes) });
  if (stop) parts.push({ kind: 'stop', title: 'Ends the run here', text: stop });
  if (start) parts.push({ kind: 'start', title: `Start of the workflow “${start.name || start.workflow_id}”` });
  return parts;
}

/** Whether a plan does nothing: the ticket is as wanted already. */
export function plansNothing(plan: Plan): boolean {
  return Object.keys(plan.write.fields ?? {}).length === 0 && planParts(plan).length === 0;
}

/** What a run waits for, without its time. */
export function waitWords(becomes: Rule | undefined): string {
  if (!becomes) return 'Wait';
  const words = conditionWords({
    name: '',
    trigger_type: 'TRIGGERED',
    target_changes: [],
    actions: [],
    conditions: becomes,
  });
  return words ? `Wait until ${words}` : 'Wait until the ticket has changed';
}

/** Whom a question is for. */
export function approverWords(approvers: string[] | undefined | null): string {
  return approvers && approvers.length > 0 ? list(approvers, 'or') : 'any technician';
}

const onDeadline: Record<string, string> = {
  REJECT: 'Without an answer by then it counts as rejected.',
  APPROVE: 'Without an answer by then it counts as approved.',
  FAIL: 'Without an answer by then the run fails.',
};

/** What happens when nobody answers in time; "" where that is not told. */
export function deadlineWords(what = 'REJECT'): string {
  return onDeadline[what] ?? '';
}

function minutes(count: number): string {
  if (count < 60) return count === 1 ? '1 minute' : `${count} minutes`;
  const rest = count % 60;
  return `${Math.floor(count / 60)} h${rest ? ` ${rest} min` : ''}`;
}
