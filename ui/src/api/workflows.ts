import { api, type Definition, data, type Workflow } from './client';

/** A kind of ticket, as the ticket system names it. */
export type TicketClass = 'incident' | 'sc_request' | 'sc_req_item' | 'sc_task' | 'change_request' | 'problem';

/** A field of tickets, as the connected instance has it. */
export interface Field {
  name: string;
  label: string;
  type: 'text' | 'choice' | 'reference' | 'number' | 'boolean' | 'time' | 'journal';
  classes: string[];
  /** What a reference field holds: "user", "group", "company", "ci", "ticket", or a table's name. */
  reference?: string;
  read_only?: boolean;
  custom?: boolean;
}

/** A value that a field can have. `class` is set where the same value means another thing in another class. */
export interface Choice {
  value: string;
  label: string;
  class?: string;
}

/** Something wrong with a definition, and where in its JSON. */
export interface Mistake {
  path: string;
  message: string;
}

export interface Count {
  matched: number;
  of: number;
  tickets: { ticket: { class: string; remote_id: string; integration_id: string }; number: string; title: string }[];
}

export interface WorkflowTemplate {
  id: string;
  name: string;
  description: string;
  definition: Definition;
}

export interface Endpoint {
  id: string;
  name: string;
  kind: 'SLACK' | 'TEAMS' | 'HTTPS';
  host: string;
}

export interface Settings {
  time_zone: string;
  business_days: string[];
  opens_at: string;
  closes_at: string;
}

export interface ScheduledWork {
  id: string;
  workflow_id: string;
  number: string;
  state: string;
  run_id?: string;
}

/** A workflow with what the list tells besides: why Neo paused it, and its runs of the last days, oldest first. */
export type ListedWorkflow = Workflow & {
  paused?: string;
  days?: { day: string; runs: number; failures: number }[] | null;
};

type Call = (
  path: string,
  init?: { params?: { path?: object; query?: object }; body?: unknown; signal?: AbortSignal },
) => Promise<{ data?: { data: unknown }; error?: unknown; response: Response }>;

/** The client, for calls that its description does not have yet. */
const client = api as unknown as { GET: Call; POST: Call };

const answer = <T>(call: ReturnType<Call>) => data(call) as Promise<T>;

export const workflowCalls = {
  fields: (query: { class?: string[] }, signal?: AbortSignal) =>
    answer<Field[] | null>(client.GET('/api/v1/catalogue/fields', { params: { query }, signal })),
  choices: (query: { field: string; class?: string[]; q?: string; limit?: number }, signal?: AbortSignal) =>
    answer<Choice[] | null>(client.GET('/api/v1/catalogue/choices', { params: { query }, signal })),
  check: (definition: Definition, signal?: AbortSignal) =>
    answer<{ mistakes: Mistake[] | null }>(client.POST('/api/v1/workflows/check', { body: { definition }, signal })),
  count: (definition: Definition, signal?: AbortSignal) =>
    answer<Count>(client.POST('/api/v1/workflows/count', { body: { definition }, signal })),
  run: (id: string, body: { tickets: string[]; note?: string }) =>
    answer<ScheduledWork[] | null>(client.POST('/api/v1/workflows/{id}/run', { params: { path: { id } }, body })),
  templates: (signal?: AbortSignal) =>
    answer<WorkflowTemplate[] | null>(client.GET('/api/v1/workflow-templates', { signal })),
  endpoints: (signal?: AbortSignal) => answer<Endpoint[] | null>(client.GET('/api/v1/endpoints', { signal })),
  settings: (signal?: AbortSignal) => answer<Settings>(client.GET('/api/v1/settings', { signal })),
};
