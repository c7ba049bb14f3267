import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { type Approval, api, body, data } from '../../api/client';
import { keys } from '../../api/queries';

export type ApprovalState = Approval['state'];
export type Decision = 'approve' | 'reject' | 'ask_for_changes';

/** The approvals in a state, or all, newest first. */
export const approvalsQuery = (state: ApprovalState | '') =>
  infiniteQueryOptions({
    queryKey: keys.approvalList(state),
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...(state && { state }), ...(pageParam && { cursor: pageParam }) };
      const answer = await body(api.GET('/api/v1/approvals', { params: { query }, signal }));
      return { approvals: answer.data ?? [], next: answer.meta.next_cursor };
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    maxPages: 20,
  });

export const approvalQuery = (id: string) =>
  queryOptions({
    queryKey: keys.approval(id),
    queryFn: ({ signal }) => data(api.GET('/api/v1/approvals/{id}', { params: { path: { id } }, signal })),
  });

export function useDecide(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (answer: { action: Decision; note: string }) =>
      data(api.POST('/api/v1/approvals/{id}/decision', { params: { path: { id } }, body: answer })),
    onSuccess: (approval) => client.setQueryData(keys.approval(id), approval),
    // Also after a refusal: then somebody else has decided, or may.
    onSettled: () => client.invalidateQueries({ queryKey: keys.approvals }),
  });
}
