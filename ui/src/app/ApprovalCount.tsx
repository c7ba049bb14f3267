import { Badge, VisuallyHidden } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { approvalsQuery } from '../pages/approvals/queries';

/** How many questions of workflows wait for the person who is signed in. */
export function useMyApprovals(): number {
  const pending = useInfiniteQuery(approvalsQuery('PENDING'));
  return (pending.data?.pages ?? []).flatMap((page) => page.approvals).filter((a) => a.mine).length;
}

/** That number, beside the entry of the menu. */
export function ApprovalCount({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <>
      <VisuallyHidden>: {count === 1 ? 'one waits for you' : `${count} wait for you`}</VisuallyHidden>
      <Badge size="sm" variant="filled" color="petrol" aria-hidden="true" className="tabular">
        {count > 99 ? '99+' : count}
      </Badge>
    </>
  );
}
