import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { call, envelope } from '../../api/call';
import type { Value } from '../../api/client';
import type { OnDeadline, Plan, TicketRef } from '../../api/plan';
import { keys } from '../../api/queries';

export type ApprovalState = 'PENDING' | 'APPROVED' | 'REJECTED' | 'CHANGES_REQUESTED' | 'EXPIRED' | 'CANCELLED';

/** A question of a run's to technicians, and the answer. */
export interface Approval {
  id: string;
  run_id: string;
  workflow_id: string;
  workflow_name: string;
  ticket: TicketRef;
  number: string;
  /** Of the ticket. */
  title: string;
  text: string;
  /** E-mail addresses; none: everybody may decide. */
  approvers: string[] | null;
  deadline?: string | null;
  on_deadline?: OnDeadline | '';
  /** The permission group that asks first; "" when an action of the workflow asks. */
  gate: string;
  planned?: Plan | null;
  before?: Record<string, Value> | null;
  state: ApprovalState;
  comment: string;
  decided_by: string;
  decided_at?: string | null;
  created_at: string;
  /** Whether the person who is signed in may decide. */
  mine: boolean;
}

export type Decision = 'approve' | 'reject' | 'ask_for_changes';

const PAGE = 50;

export const approvalsQuery = (state: ApprovalState | '') =>
  infiniteQueryOptions({
    queryKey: keys.approvalList(state),
    queryFn: async ({ pageParam, signal }) => {
      const query = { state, before: pageParam };
      const { data, meta } = await envelope<Approval[] | null>('GET', '/approvals', { query, signal });
      return { approvals: data ?? [], next: meta?.next_cursor };
    },
    initialPageParam: '',
    getNextPageParam: ({ approvals, next }) => next ?? (approvals.length >= PAGE ? approvals.at(-1)?.id : undefined),
    maxPages: 20,
  });

export const approvalQuery = (id: string) =>
  queryOptions({
    queryKey: keys.approval(id),
    queryFn: ({ signal }) => call<Approval>('GET', `/approvals/${encodeURIComponent(id)}`, { signal }),
  });

export function useDecide(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { action: Decision; note: string }) =>
      call<Approval>('POST', `/approvals/${encodeURIComponent(id)}/decision`, { body }),
    onSuccess: (approval) => client.setQueryData(keys.approval(id), approval),
    // Also after a refusal: then somebody else has decided, or may.
    onSettled: () => client.invalidateQueries({ queryKey: keys.approvals }),
  });
}
