import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { call, envelope } from '../../api/call';
import type { TicketRef } from '../../api/plan';
import { keys } from '../../api/queries';

export type WorkState = 'PENDING' | 'PROCESSING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';

/** A workflow that a person wants to be carried out on a ticket at a time. */
export interface ScheduledWork {
  id: string;
  workflow_id: string;
  workflow_name: string;
  ticket: TicketRef;
  number: string;
  at: string;
  state: WorkState;
  note: string;
  /** "" until it began. */
  run_id: string;
  /** Of the run. */
  message: string;
  requested_by: string;
  created_at: string;
}

export interface NewWork {
  workflowId: string;
  tickets: string[];
  /** None: now. */
  at?: string;
  note?: string;
}

const PAGE = 50;

export const scheduledWorkQuery = (state: WorkState | '') =>
  infiniteQueryOptions({
    queryKey: keys.scheduledWorkList(state),
    queryFn: async ({ pageParam, signal }) => {
      const query = { state, before: pageParam };
      const { data, meta } = await envelope<ScheduledWork[] | null>('GET', '/scheduled-work', { query, signal });
      return { work: data ?? [], next: meta?.next_cursor };
    },
    initialPageParam: '',
    getNextPageParam: ({ work, next }) => next ?? (work.length >= PAGE ? work.at(-1)?.id : undefined),
    maxPages: 20,
  });

/** Has a workflow carried out on tickets, now or at a time. */
export function useRunWorkflow() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ workflowId, ...body }: NewWork) =>
      call<ScheduledWork[]>('POST', `/workflows/${encodeURIComponent(workflowId)}/run`, { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.scheduledWork }),
  });
}

export function useEditWork(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { at?: string; note?: string }) =>
      call<ScheduledWork>('PATCH', `/scheduled-work/${encodeURIComponent(id)}`, { body }),
    // Also after a refusal: then it has begun.
    onSettled: () => client.invalidateQueries({ queryKey: keys.scheduledWork }),
  });
}

export function useCancelWork(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call<ScheduledWork>('POST', `/scheduled-work/${encodeURIComponent(id)}/cancel`),
    onSettled: () => client.invalidateQueries({ queryKey: keys.scheduledWork }),
  });
}
