import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, body, type Definition, data, type Workflow } from '../../api/client';
import { Problem } from '../../api/problem';
import { keys } from '../../api/queries';

export const workflowsQuery = queryOptions({
  queryKey: keys.workflows,
  queryFn: async ({ signal }): Promise<Workflow[]> => (await data(api.GET('/api/v1/workflows', { signal }))) ?? [],
});

export const workflowQuery = (id: string) =>
  queryOptions({
    queryKey: keys.workflow(id),
    queryFn: ({ signal }) => data(api.GET('/api/v1/workflows/{id}', { params: { path: { id } }, signal })),
  });

/** Turns a workflow on or off: shown at once, taken back when the server refuses. */
export function useEnableWorkflow({
  onRefused,
  onDone,
}: {
  onRefused: (problem: Problem) => void;
  /** Told what people have to know besides. */
  onDone: (warnings: string[]) => void;
}) {
  const client = useQueryClient();
  const show = (id: string, enabled: boolean) => {
    client.setQueryData<Workflow[]>(keys.workflows, (list) => list?.map((w) => (w.id === id ? { ...w, enabled } : w)));
    client.setQueryData<Workflow>(keys.workflow(id), (w) => w && { ...w, enabled });
  };
  return useMutation({
    mutationFn: ({ workflow, enabled, reason }: { workflow: Workflow; enabled: boolean; reason?: string }) =>
      body(
        api.PATCH('/api/v1/workflows/{id}', {
          params: { path: { id: workflow.id } },
          body: { enabled, ...(reason && { override_reason: reason }) },
        }),
      ),
    onMutate: async ({ workflow, enabled }) => {
      await client.cancelQueries({ queryKey: keys.workflows });
      show(workflow.id, enabled);
    },
    onSuccess: ({ data, meta }) => {
      client.setQueryData<Workflow>(keys.workflow(data.id), data);
      onDone(meta.warnings ?? []);
    },
    onError: (error, { workflow, enabled }) => {
      show(workflow.id, !enabled);
      onRefused(Problem.from(error));
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.workflows }),
  });
}

/** How a save differs from the usual one. */
export interface SaveAs {
  /** With its mistakes; it is off then. */
  draft?: boolean;
  /** Not enabled, whatever the switch says. */
  off?: boolean;
  /** Enabled although something that it needs is missing, for this reason. */
  reason?: string;
}

export function useCreateWorkflow() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ definition, enabled, draft, reason }: { definition: Definition; enabled: boolean } & SaveAs) =>
      body(
        api.POST('/api/v1/workflows', {
          params: {
            query: { enabled: enabled && !draft, ...(draft && { draft }), ...(reason && { override_reason: reason }) },
          },
          body: definition,
        }),
      ),
    onSuccess: ({ data }) => {
      client.setQueryData(keys.workflow(data.id), data);
      void client.invalidateQueries({ queryKey: keys.workflows });
    },
  });
}

export function useSaveWorkflow(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ definition, version, draft }: { definition: Definition; version: number } & SaveAs) =>
      body(
        api.PUT('/api/v1/workflows/{id}', {
          params: { path: { id }, query: { version, ...(draft && { draft }) } },
          body: definition,
        }),
      ),
    onSuccess: ({ data }) => {
      client.setQueryData(keys.workflow(id), data);
      void client.invalidateQueries({ queryKey: keys.workflows });
    },
  });
}

export function useDeleteWorkflow(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.DELETE('/api/v1/workflows/{id}', { params: { path: { id } } })),
    onSuccess: () => {
      client.setQueryData<Workflow[]>(keys.workflows, (list) => list?.filter((w) => w.id !== id));
      void client.invalidateQueries({ queryKey: keys.workflows, exact: true });
    },
  });
}

export const templatesQuery = queryOptions({
  queryKey: ['workflow-templates'],
  queryFn: async ({ signal }) => (await data(api.GET('/api/v1/workflow-templates', { signal }))) ?? [],
  staleTime: 600_000,
});

/** What is wrong with a definition, without saving it. */
export const checkQuery = (definition: Definition, text: string) =>
  queryOptions({
    queryKey: ['workflow-check', text],
    queryFn: async ({ signal }) =>
      (await data(api.POST('/api/v1/workflows/check', { body: { definition }, signal }))).mistakes ?? [],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
    retry: false,
  });

/** How many of the newest tickets a definition's rules match. */
export const countQuery = (definition: Definition, rules: string) =>
  queryOptions({
    queryKey: ['workflow-count', rules],
    queryFn: ({ signal }) => data(api.POST('/api/v1/workflows/count', { body: { definition }, signal })),
    staleTime: 30_000,
    gcTime: 60_000,
    retry: false,
  });

export function useRunWorkflow(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (tickets: string[]) =>
      data(api.POST('/api/v1/workflows/{id}/run', { params: { path: { id } }, body: { tickets } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.workflows }),
  });
}
