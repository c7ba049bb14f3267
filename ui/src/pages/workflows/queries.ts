import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, type Definition, data, type Workflow } from '../../api/client';
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
export function useEnableWorkflow(onRefused: (problem: Problem, workflow: Workflow) => void) {
  const client = useQueryClient();
  const show = (id: string, enabled: boolean) => {
    client.setQueryData<Workflow[]>(keys.workflows, (list) => list?.map((w) => (w.id === id ? { ...w, enabled } : w)));
    client.setQueryData<Workflow>(keys.workflow(id), (w) => w && { ...w, enabled });
  };
  return useMutation({
    mutationFn: ({ workflow, enabled }: { workflow: Workflow; enabled: boolean }) =>
      data(api.PATCH('/api/v1/workflows/{id}', { params: { path: { id: workflow.id } }, body: { enabled } })),
    onMutate: async ({ workflow, enabled }) => {
      await client.cancelQueries({ queryKey: keys.workflows });
      show(workflow.id, enabled);
    },
    onError: (error, { workflow, enabled }) => {
      show(workflow.id, !enabled);
      onRefused(Problem.from(error), workflow);
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.workflows }),
  });
}

export function useCreateWorkflow() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ definition, enabled }: { definition: Definition; enabled: boolean }) =>
      data(api.POST('/api/v1/workflows', { params: { query: { enabled } }, body: definition })),
    onSuccess: (workflow) => {
      client.setQueryData(keys.workflow(workflow.id), workflow);
      void client.invalidateQueries({ queryKey: keys.workflows });
    },
  });
}

export function useSaveWorkflow(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ definition, version }: { definition: Definition; version: number }) =>
      data(api.PUT('/api/v1/workflows/{id}', { params: { path: { id }, query: { version } }, body: definition })),
    onSuccess: (workflow) => {
      client.setQueryData(keys.workflow(id), workflow);
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
