/** How actions are named and grouped where one is chosen. */
export interface ActionWords {
  type: string;
  label: string;
  group: string;
  hint: string;
}

export const actionKinds: ActionWords[] = [
  { type: 'UPDATE_TICKET_FIELDS', label: 'Update ticket fields', group: 'Update', hint: 'Set or clear fields' },
  { type: 'ASSIGN_TICKET', label: 'Assign ticket', group: 'Update', hint: 'To a group, a technician or a rota' },
  { type: 'RESOLVE_TICKET', label: 'Resolve ticket', group: 'Update', hint: 'With a close code and notes' },
  { type: 'CLOSE_TICKET', label: 'Close ticket', group: 'Update', hint: 'End it for good' },
  { type: 'REOPEN_TICKET', label: 'Reopen ticket', group: 'Update', hint: 'Back to work' },
  { type: 'CREATE_TICKET', label: 'Create ticket', group: 'Update', hint: 'Of any class, linked to this one' },
  {
    type: 'LINK_DUPLICATE',
    label: 'Find duplicate and link',
    group: 'Update',
    hint: 'To the oldest similar open ticket',
  },
  { type: 'ADD_WORK_NOTE', label: 'Add work note', group: 'Talk', hint: 'Only technicians see it' },
  { type: 'ADD_CLIENT_NOTE', label: 'Add client-facing note', group: 'Talk', hint: 'The customer sees it' },
  { type: 'LOG_TIME_ENTRY', label: 'Log time entry', group: 'Talk', hint: 'Minutes worked' },
  { type: 'NOTIFY_CONTACT', label: 'Notify ticket contact', group: 'Talk', hint: 'Note, time entry or email' },
  { type: 'SEND_MESSAGE', label: 'Send message', group: 'Talk', hint: 'To Slack, Teams or any HTTPS endpoint' },
  {
    type: 'REQUEST_TECHNICIAN_APPROVAL',
    label: 'Ask a technician for approval',
    group: 'Decide',
    hint: 'Wait for yes or no',
  },
  { type: 'CONTINUE_IF', label: 'Only continue if …', group: 'Decide', hint: 'End the run otherwise' },
  { type: 'WAIT', label: 'Wait', group: 'Flow', hint: 'For a time, a change or working hours' },
  { type: 'RUN_WORKFLOW', label: 'Run another workflow', group: 'Flow', hint: 'On the same ticket' },
];

export const actionGroups = ['Update', 'Talk', 'Decide', 'Flow'];

/** The kinds of changes that start a workflow, in the order in which they are offered. */
export const changeKinds: { value: string; label: string }[] = [
  { value: 'TICKET_CREATED', label: 'Ticket created' },
  { value: 'FIELD_UPDATED', label: 'Field changed' },
  { value: 'STATE_CHANGED', label: 'State changed' },
  { value: 'ASSIGNED', label: 'Assigned' },
  { value: 'UNASSIGNED', label: 'Unassigned' },
  { value: 'PRIORITY_RAISED', label: 'Priority raised' },
  { value: 'CUSTOMER_REPLIED', label: 'Customer replied' },
  { value: 'WORK_NOTE_ADDED', label: 'Work note added' },
  { value: 'RESOLVED', label: 'Resolved' },
  { value: 'CLOSED', label: 'Closed or cancelled' },
  { value: 'REOPENED', label: 'Reopened' },
  { value: 'APPROVAL_CHANGED', label: 'Approval changed' },
  { value: 'PARENT_CHANGED', label: 'Parent changed' },
  { value: 'SLA_CHANGED', label: 'SLA changed' },
];

export const weekdays: { value: string; label: string; short: string }[] = [
  { value: 'MON', label: 'Monday', short: 'Mon' },
  { value: 'TUE', label: 'Tuesday', short: 'Tue' },
  { value: 'WED', label: 'Wednesday', short: 'Wed' },
  { value: 'THU', label: 'Thursday', short: 'Thu' },
  { value: 'FRI', label: 'Friday', short: 'Fri' },
  { value: 'SAT', label: 'Saturday', short: 'Sat' },
  { value: 'SUN', label: 'Sunday', short: 'Sun' },
];

const weeks = ['first', 'second', 'third', 'fourth', 'fifth', 'last'];

/** The weekdays of a month: "first MON" is the first Monday. */
export const monthWeekdays = weekdays.flatMap((day) =>
  weeks.map((week) => ({
    value: `${week} ${day.value}`,
    label: `${week[0]?.toUpperCase()}${week.slice(1)} ${day.label}`,
  })),
);

export const ticketTypes: { value: string; label: string }[] = [
  { value: 'incident', label: 'Incident' },
  { value: 'sc_request', label: 'Request' },
  { value: 'sc_req_item', label: 'Request item' },
  { value: 'sc_task', label: 'Catalog task' },
  { value: 'change_request', label: 'Change request' },
  { value: 'problem', label: 'Problem' },
];

/** How a technician can have answered. */
export const decisions: { value: string; label: string }[] = [
  { value: 'approved', label: 'Approved' },
  { value: 'rejected', label: 'Rejected' },
  { value: 'changes', label: 'Changes asked for' },
  { value: 'expired', label: 'Nobody answered in time' },
];
