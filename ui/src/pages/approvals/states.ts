import type { Approval } from '../../api/client';
import type { Look } from '../../words/outcome';
import type { ApprovalState } from './queries';

export const approvalStates: Record<ApprovalState, Look> = {
  PENDING: { label: 'Pending', color: 'yellow' },
  APPROVED: { label: 'Approved', color: 'green' },
  REJECTED: { label: 'Rejected', color: 'red' },
  CHANGES_REQUESTED: { label: 'Changes requested', color: 'orange' },
  EXPIRED: { label: 'Expired', color: 'gray' },
  CANCELLED: { label: 'Cancelled', color: 'gray' },
};

/** Less than an hour left: it shows. */
const SOON = 60 * 60_000;

export function isUrgent(approval: Approval, now = Date.now()): boolean {
  return (
    approval.state === 'PENDING' &&
    Boolean(approval.deadline) &&
    new Date(approval.deadline ?? 0).getTime() - now < SOON
  );
}

/** What can be decided comes first, the nearest deadline before the others; then the rest, newest first. */
export function inOrder(approvals: Approval[]): Approval[] {
  const rank = (a: Approval) => (a.state === 'PENDING' ? (a.mine ? 0 : 1) : 2);
  const due = (a: Approval) => (a.state === 'PENDING' && a.deadline) || '9';
  return approvals.toSorted(
    (a, b) => rank(a) - rank(b) || due(a).localeCompare(due(b)) || b.created_at.localeCompare(a.created_at),
  );
}
