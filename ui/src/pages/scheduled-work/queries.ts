import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, body, data, type ScheduledWork } from '../../api/client';
import { keys } from '../../api/queries';

export type WorkState = ScheduledWork['state'];

export interface NewWork {
  workflowId: string;
  tickets: string[];
  /** None: now. */
  at?: string;
  note?: string;
}

/** All scheduled work, the latest asked for first. */
export const scheduledWorkQuery = infiniteQueryOptions({
  queryKey: keys.scheduledWork,
  queryFn: async ({ pageParam, signal }) => {
    const query = { limit: 200, ...(pageParam && { cursor: pageParam }) };
    const answer = await body(api.GET('/api/v1/scheduled-work', { params: { query }, signal }));
    return { work: answer.data ?? [], next: answer.meta.next_cursor };
  },
  initialPageParam: '',
  getNextPageParam: (page) => page.next,
  maxPages: 10,
});

/** Has a workflow carried out on tickets, now or at a time. */
export function useRunWorkflow() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ workflowId, ...work }: NewWork) =>
      data(api.POST('/api/v1/workflows/{id}/run', { params: { path: { id: workflowId } }, body: work })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.scheduledWork }),
  });
}

export function useEditWork(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: { at?: string; note?: string }) =>
      data(api.PATCH('/api/v1/scheduled-work/{id}', { params: { path: { id } }, body: change })),
    // Also after a refusal: then it has begun.
    onSettled: () => client.invalidateQueries({ queryKey: keys.scheduledWork }),
  });
}

export function useCancelWork(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.POST('/api/v1/scheduled-work/{id}/cancel', { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.scheduledWork }),
  });
}
