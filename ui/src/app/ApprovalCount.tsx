import { Badge } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { approvalsQuery } from '../pages/approvals/queries';

/** How many questions of workflows wait for the person who is signed in. */
export function useMyApprovals(): number {
  const pending = useInfiniteQuery(approvalsQuery('PENDING'));
  return (pending.data?.pages ?? []).flatMap((page) => page.approvals).filter((a) => a.mine).length;
}

/** The name of the entry in the menu, with that number; undefined when it needs none. */
export function approvalsLabel(count: number): string | undefined {
  if (count === 0) return undefined;
  return count === 1 ? 'Approvals: one waits for you' : `Approvals: ${count} wait for you`;
}

/** That number, beside the entry. */
export function ApprovalCount({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <Badge size="sm" variant="filled" color="petrol" aria-hidden="true" className="tabular">
      {count > 99 ? '99+' : count}
    </Badge>
  );
}
