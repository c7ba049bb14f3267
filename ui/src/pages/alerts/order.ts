import type { NeoAlert } from '../../api/client';

export const isOpen = (alert: NeoAlert) => alert.resolved_at === null;

/** What still holds comes first, and of that what is new; within each, the latest. */
export function inOrder(alerts: NeoAlert[]): NeoAlert[] {
  const rank = (a: NeoAlert) => (isOpen(a) ? (a.read ? 1 : 0) : 2);
  return alerts.toSorted((a, b) => rank(a) - rank(b) || b.last_at.localeCompare(a.last_at));
}
