import {
  type Icon,
  IconArrowsJoin2,
  IconBolt,
  IconCheck,
  IconClockHour4,
  IconFilterQuestion,
  IconHourglass,
  IconLockCheck,
  IconMailForward,
  IconMessage2,
  IconMessages,
  IconNote,
  IconPencil,
  IconRefresh,
  IconRoute,
  IconTicket,
  IconUserCheck,
  IconUserQuestion,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { Kind } from '../catalogue';
import { type Config, emptyGroup } from '../definition';
import { AddClientNote, AddWorkNote } from './AddNote';
import { AskApproval } from './AskApproval';
import { Assign } from './Assign';
import { ContinueIf } from './ContinueIf';
import { CreateTicket } from './CreateTicket';
import type { FormProps } from './form';
import { Close, Reopen, Resolve } from './Lifecycle';
import { LinkDuplicate } from './LinkDuplicate';
import { LogTime } from './LogTime';
import { NotifyContact } from './NotifyContact';
import { RunWorkflow } from './RunWorkflow';
import { SendMessage } from './SendMessage';
import { UpdateTicket } from './UpdateTicket';
import { Wait } from './Wait';

/** A result of a step. `kind` is how a rule compares it; a text, if not told. */
export interface Output {
  label: string;
  kind?: Kind;
}

export interface ActionForm {
  Form: ComponentType<FormProps>;
  icon: Icon;
  /** The settings that the form shows, each with what is wrong with it. */
  keys: string[];
  /** What a new one starts from. */
  initial: () => Config;
  /** What later steps can use, when the step has a name. */
  outputs?: Record<string, Output>;
}

export const actionForms: Record<string, ActionForm> = {
  UPDATE_TICKET_FIELDS: { Form: UpdateTicket, icon: IconPencil, keys: ['fields'], initial: () => ({ fields: {} }) },
  ASSIGN_TICKET: {
    Form: Assign,
    icon: IconUserCheck,
    keys: ['group', 'technician', 'strategy', 'shifts'],
    initial: () => ({}),
    outputs: { technician: { label: 'Technician' }, group: { label: 'Group' } },
  },
  RESOLVE_TICKET: {
    Form: Resolve,
    icon: IconCheck,
    keys: ['code', 'notes'],
    initial: () => ({ code: '', notes: '' }),
  },
  CLOSE_TICKET: { Form: Close, icon: IconLockCheck, keys: ['code', 'notes'], initial: () => ({}) },
  REOPEN_TICKET: { Form: Reopen, icon: IconRefresh, keys: ['note'], initial: () => ({}) },
  CREATE_TICKET: {
    Form: CreateTicket,
    icon: IconTicket,
    keys: ['class', 'fields'],
    initial: () => ({ class: 'incident', fields: { short_description: '' }, link: true }),
    outputs: { number: { label: 'Number of the new ticket' } },
  },
  LINK_DUPLICATE: {
    Form: LinkDuplicate,
    icon: IconArrowsJoin2,
    keys: ['within_days', 'similarity', 'note'],
    initial: () => ({ within_days: 7, similarity: 80, same_caller: false }),
    outputs: {
      number: { label: 'Number of the similar ticket' },
      similarity: { label: 'Similarity in percent', kind: 'number' },
    },
  },
  ADD_WORK_NOTE: { Form: AddWorkNote, icon: IconNote, keys: ['text'], initial: () => ({ text: '' }) },
  ADD_CLIENT_NOTE: { Form: AddClientNote, icon: IconMessage2, keys: ['text'], initial: () => ({ text: '' }) },
  LOG_TIME_ENTRY: {
    Form: LogTime,
    icon: IconClockHour4,
    keys: ['minutes', 'text'],
    initial: () => ({ minutes: 15, text: '' }),
  },
  NOTIFY_CONTACT: {
    Form: NotifyContact,
    icon: IconMailForward,
    keys: ['mode', 'subject', 'text', 'minutes'],
    initial: () => ({ mode: 'TICKET_NOTE', text: '' }),
  },
  SEND_MESSAGE: {
    Form: SendMessage,
    icon: IconMessages,
    keys: ['endpoint', 'text', 'body'],
    initial: () => ({ endpoint: '', text: '' }),
  },
  REQUEST_TECHNICIAN_APPROVAL: {
    Form: AskApproval,
    icon: IconUserQuestion,
    keys: ['text', 'approvers', 'deadline_minutes', 'on_deadline', 'on_reject'],
    initial: () => ({ text: '' }),
    outputs: {
      decision: { label: 'Decision', kind: 'decision' },
      approved: { label: 'Approved', kind: 'boolean' },
      comment: { label: 'Comment of the technician' },
      by: { label: 'Who decided' },
    },
  },
  CONTINUE_IF: {
    Form: ContinueIf,
    icon: IconFilterQuestion,
    keys: ['conditions', 'message'],
    initial: () => ({ conditions: emptyGroup() }),
  },
  WAIT: {
    Form: Wait,
    icon: IconHourglass,
    keys: ['for_minutes', 'for_working_minutes', 'until_rule'],
    initial: () => ({ for_minutes: 60 }),
    outputs: { became: { label: 'The ticket became so', kind: 'boolean' } },
  },
  RUN_WORKFLOW: { Form: RunWorkflow, icon: IconRoute, keys: ['workflow'], initial: () => ({ workflow: '' }) },
};

/** For an action that this dashboard does not know. */
export const unknownIcon = IconBolt;
