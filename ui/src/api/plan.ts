import type { Rule, Value } from './client';

export interface TicketRef {
  integration_id: string;
  class: string;
  remote_id: string;
}

export interface Write {
  /** Field → stored value. */
  fields?: Record<string, string>;
  work_note?: string;
  client_note?: string;
  email?: { to: string; subject: string; text: string };
  time_entry?: { minutes: number; text?: string };
}

/** What one action decided to do about a ticket; nothing set: there is nothing to do. */
export interface Plan {
  write?: Write;
  create?: {
    class: string;
    fields?: Record<string, string>;
    work_note?: string;
    client_note?: string;
    parent?: TicketRef;
  };
  send?: { endpoint: string; text?: string; body?: string };
  ask?: { text: string; approvers?: string[] | null; deadline?: string; on_deadline?: string };
  wait?: { until?: string; becomes?: Rule; stop_if_not?: boolean };
  /** Why the run ends here. */
  stop?: string;
  start?: { workflow_id: string; name?: string };
  outputs?: Record<string, unknown>;
  /** Why this was chosen, where the settings do not say it. */
  reason?: string;
  /** Field → the text that people see for the value to be written, where it is not the stored one. */
  display?: Record<string, string>;
}

export type OnDeadline = 'REJECT' | 'APPROVE' | 'FAIL';

/** One action as it would be carried out now. */
export interface Preview {
  position: number;
  action: string;
  plan: Plan;
  before?: Record<string, Value>;
  /** A sentence: what would happen. */
  message: string;
  /** Why the step would fail. */
  error?: string;
  /** A permission group does not allow it; the sentence says where to change that. */
  refused?: string;
  /** A technician would be asked first. */
  approval?: boolean;
}
