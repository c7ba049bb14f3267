import { vi } from 'vitest';
import type {
  ApiKey,
  Approval,
  Choice,
  Endpoint,
  Event,
  Field,
  Health,
  HistoryEntry,
  Integration,
  NeoAlert,
  Run,
  ScheduledWork,
  Session,
  Settings,
  Workflow,
  WorkflowTemplate,
} from '../api/client';

import type { Permission } from '../pages/integrations/queries';

type Reply = { status?: number; data?: unknown; meta?: object; error?: object } | 'never' | 'unreachable';
type Handler = Reply | ((request: { url: URL; body: unknown }) => Reply);

export interface Asked {
  method: string;
  path: string;
  search: string;
  body: unknown;
}

/** Answers fetch from a table "METHOD /path" → reply, later entries winning; returns what was asked so far. */
export function serve(...tables: Record<string, Handler>[]): { asked: Asked[]; routes: Record<string, Handler> } {
  const asked: Asked[] = [];
  const routes: Record<string, Handler> = Object.assign({}, ...tables);
  vi.stubGlobal('fetch', async (request: Request) => {
    const url = new URL(request.url);
    const path = url.pathname.replace('/api/v1', '');
    const text = await request.text();
    const body = text ? JSON.parse(text) : undefined;
    asked.push({ method: request.method, path, search: url.search, body });
    const handler = routes[`${request.method} ${path}`] ?? notFound;
    const reply = typeof handler === 'function' ? handler({ url, body }) : handler;
    if (reply === 'unreachable') throw new TypeError('Failed to fetch');
    if (reply === 'never') return new Promise<Response>(() => {});
    const { status = 200, data, meta, error } = reply;
    const sent = error ? { error, meta: { request_id: 'r1' } } : { data, meta: { request_id: 'r1', ...meta } };
    return new Response(JSON.stringify(sent), { status, headers: { 'Content-Type': 'application/json' } });
  });
  return { asked, routes };
}

export const notFound: Reply = { status: 404, error: { code: 'not_found', message: 'There is no such thing.' } };
export const busy: Reply = {
  status: 500,
  error: { code: 'internal', message: 'Something went wrong inside Neo. The server log has the details.' },
};
export const expired: Reply = {
  status: 401,
  error: { code: 'unauthorized', message: 'Nobody is signed in. Sign in and try again.' },
};

export const ada = { id: 'u1', name: 'Ada Admin', email: 'ada@example.com', role: 'ADMIN' };

export function session(over: Partial<Session> = {}): Session {
  return { user: ada, setup_required: false, version: '1.2.3', ...over };
}

export const integration: Integration = {
  id: 'i1',
  kind: 'servicenow',
  instance_url: 'https://acme.service-now.com',
  simulated: false,
  state: 'READY_TO_SYNC',
  message: '',
  client_id: 'client-1',
  identity: { remote_id: '6816f79cc0a8016401c5a33be04be441', user_name: 'neo.agent', name: 'Neo Agent user' },
  checks: [
    { name: 'identity', label: 'Identity', state: 'ok', detail: 'Neo acts as neo.agent.' },
    { name: 'journal', label: 'Reading notes', state: 'warning', detail: 'Notes cannot be read.' },
  ],
  connected_at: '2026-01-05T10:00:00Z',
  status: { state: 'WORKING', message: '', since: '2026-01-05T10:00:00Z', waiting: 0, read_from: null },
  keeps_secret: true,
  backfill_days: 0,
};

const statusOf: Partial<Record<Integration['state'], Integration['status']['state']>> = {
  READY_TO_SYNC: 'WORKING',
  CONNECTING: 'CONNECTING',
  DISCONNECTED: 'DISCONNECTED',
};

/** The connection in a state of its setup, with the status that the server computes for that. */
export function inState(state: Integration['state'], over: Partial<Integration> = {}): Integration {
  const message = over.message ?? '';
  const status = { ...integration.status, state: statusOf[state] ?? 'ACTION_NEEDED', message };
  return { ...integration, state, status, ...over };
}

export const form = {
  redirect_url: `${window.location.origin}/oauth/servicenow/callback`,
  simulated_hosts: [],
  instance_url_rule: 'instance_url must be a service-now.com or servicenowservices.com domain',
  backfill_days: 90,
};

export const health: Health = {
  state: 'ok',
  status: integration.status,
  checked_at: '2026-01-05T10:00:00Z',
  checks: [
    { name: 'deliveries', label: 'Webhooks arrive', state: 'ok', detail: '40 of the 41 changes were delivered.' },
  ],
  deliveries: { last_at: '2026-01-05T10:00:00Z', webhook: 40, sweep: 1, refused: 0, share: 40 / 41 },
  sweep: { at: '2026-01-05T10:00:00Z', next_at: null, watermark: null, found: 3 },
  backfill: {
    state: 'RUNNING',
    days: 90,
    done: 50,
    total: 200,
    per_second: 25,
    seconds_left: 6,
    started_at: '2026-01-05T10:00:00Z',
    finished_at: null,
  },
  consent_ends_at: '2026-04-15T10:00:00Z',
  callback_url: 'https://neo.example.com/callback/servicenow',
  outgoing_addresses: ['203.0.113.7'],
};

export const alert: NeoAlert = {
  id: 'al1',
  integration_id: 'i1',
  level: 'problem',
  title: 'Webhooks are not arriving',
  message: 'All 4 changes of the last hour had to be found by the sweep. Click Reconnect.',
  occurrences: 1,
  first_at: '2026-01-05T10:00:00Z',
  last_at: '2026-01-05T10:00:00Z',
  read: false,
  resolved_at: null,
};

export const workflow: Workflow = {
  id: 'w1',
  enabled: true,
  version: 3,
  updated_at: '2026-01-05T10:00:00Z',
  runs: 10,
  successes: 9,
  failures: 1,
  last_run_at: '2026-01-05T11:00:00Z',
  days: [],
  definition: {
    name: 'Route network incidents',
    trigger_type: 'TRIGGERED',
    target_changes: [{ change_type: 'TICKET_CREATED' }],
    conditions: {
      combinator: 'and',
      rules: [
        { field: 'ticket_type', operator: '=', value: 'incident' },
        { field: 'category', operator: '=', value: 'network' },
      ],
    },
    actions: [
      { type: 'ASSIGN_TICKET', config: { group: 'Network' } },
      { type: 'ADD_WORK_NOTE', config: { text: 'Routed.' } },
    ],
  },
};

export function entry(n: number, over: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    id: `e${String(n).padStart(4, '0')}`,
    type: 'ENTITY_CREATED',
    at: '2026-01-05T10:00:00Z',
    class: 'incident',
    number: `INC${String(n).padStart(7, '0')}`,
    title: 'VPN drops',
    outcome: 'SUCCESS',
    message: '1 workflow matched',
    duration_ms: 0,
    ...over,
  };
}

export const run: Run = {
  id: 'r1',
  workflow_id: 'w1',
  workflow_version: 3,
  workflow_name: 'Route network incidents',
  event_id: 'e1',
  class: 'incident',
  number: 'INC0010001',
  ticket_url: 'https://acme.service-now.com/ticket',
  outcome: 'SUCCESS',
  message: 'Assigned to Network.',
  attempt: 1,
  due_at: null,
  created_at: '2026-01-05T10:00:00Z',
  started_at: '2026-01-05T10:00:01Z',
  finished_at: '2026-01-05T10:00:02Z',
  cause: 'EVENT',
  shadow: false,
  cancel_requested: false,
  can_cancel: false,
  can_retry: false,
  can_undo: false,
  steps: [
    {
      id: 's1',
      position: 0,
      action: 'ASSIGN_TICKET',
      state: 'DONE',
      message: '',
      plan: { write: { fields: { assignment_group: 'g1' } } },
      before: { assignment_group: { value: '' }, priority: { value: '3', display: '3 - Moderate' } },
      after: {
        assignment_group: { value: 'g1', display: 'Network' },
        priority: { value: '3', display: '3 - Moderate' },
      },
      before_version: 4,
      after_version: 5,
      started_at: '2026-01-05T10:00:01Z',
      finished_at: '2026-01-05T10:00:02Z',
    },
  ],
};

export const event: Event = {
  id: 'e1',
  type: 'ENTITY_UPDATED',
  integration_id: 'i1',
  class: 'incident',
  remote_id: 'abc',
  ticket_url: 'https://acme.service-now.com/ticket',
  number: 'INC0010001',
  version: 4,
  missed: 0,
  source: 'webhook',
  changed_by: 'abel.tuter',
  changed_at: '2026-01-05T10:00:00Z',
  received_at: '2026-01-05T10:00:00.300Z',
  disposition: 'MATCHED',
  changes: [
    { field: 'category', from: { value: 'inquiry', display: 'Inquiry' }, to: { value: 'network', display: 'Network' } },
  ],
  journal: [{ element: 'work_notes', text: 'Called again.', author: 'abel.tuter' }],
  fields: { short_description: { value: 'VPN drops' } },
  runs: [{ ...run, steps: [] }],
};

export const fields: Field[] = [
  { name: 'short_description', label: 'Short description', type: 'text', classes: [] },
  { name: 'state', label: 'State', type: 'choice', classes: [] },
  { name: 'category', label: 'Category', type: 'choice', classes: ['incident'] },
  { name: 'urgency', label: 'Urgency', type: 'choice', classes: [] },
  { name: 'assignment_group', label: 'Assignment group', type: 'reference', reference: 'group', classes: [] },
  { name: 'opened_at', label: 'Opened', type: 'time', classes: [], read_only: true },
  { name: 'reassignment_count', label: 'Reassignment count', type: 'number', classes: [], read_only: true },
  { name: 'work_notes', label: 'Work notes', type: 'journal', classes: [] },
  { name: 'u_vip', label: 'VIP', type: 'boolean', classes: [], custom: true },
];

const choices: Record<string, Choice[]> = {
  state: [
    { value: '1', label: 'New', class: 'incident' },
    { value: '3', label: 'On Hold', class: 'incident' },
    { value: '-5', label: 'New', class: 'change_request' },
  ],
  category: [
    { value: 'network', label: 'Network trouble' },
    { value: 'hardware', label: 'Hardware' },
  ],
  urgency: [
    { value: '1', label: '1 - High' },
    { value: '2', label: '2 - Medium' },
  ],
  assignment_group: [
    { value: '287ebd7da9fe198100f92cc8d1d2154e', label: 'Network' },
    { value: '8a5055c9c61122780043563ef53438e3', label: 'Hardware' },
  ],
};

export const template: WorkflowTemplate = {
  id: 'network',
  name: 'Network incidents',
  description: 'Sends them to the Network group.',
  definition: { ...workflow.definition, name: 'Network incidents' },
};

export const approval: Approval = {
  id: 'a1',
  run_id: 'r1',
  workflow_id: 'w1',
  workflow_name: 'Route network incidents',
  ticket: { integration_id: 'i1', class: 'incident', remote_id: 'abc' },
  number: 'INC0010001',
  title: 'VPN drops',
  text: 'May Neo raise the priority?',
  approvers: ['ada@example.com'],
  deadline: null,
  on_deadline: 'REJECT',
  gate: '',
  planned: {
    write: { fields: { assignment_group: 'g1', priority: '1' }, work_note: 'Raised.' },
    outputs: { group: 'On-Call' },
  },
  before: { assignment_group: { value: '' }, priority: { value: '3', display: '3 - Moderate' } },
  state: 'PENDING',
  comment: '',
  decided_by: '',
  decided_at: null,
  created_at: '2026-01-05T10:00:00Z',
  mine: true,
};

export const work: ScheduledWork = {
  id: 's1',
  workflow_id: 'w1',
  workflow_name: 'Route network incidents',
  ticket: { integration_id: 'i1', class: 'incident', remote_id: 'abc' },
  number: 'INC0010001',
  at: '2100-01-05T10:00:00Z',
  state: 'PENDING',
  note: 'After lunch.',
  run_id: '',
  message: '',
  requested_by: 'Ada Admin',
  created_at: '2026-01-05T10:00:00Z',
};

export const settings: Settings = {
  time_zone: 'Europe/Berlin',
  business_days: ['MON', 'TUE', 'WED', 'THU', 'FRI'],
  opens_at: '09:00',
  closes_at: '17:00',
  holidays: [],
};

export const endpoint: Endpoint = { id: 'en1', name: 'On-call', kind: 'TEAMS', host: 'hooks.example.com' };

export const apiKey: ApiKey = {
  id: 'k1',
  name: 'CI',
  hint: 'x7Qa',
  created_at: '2026-01-05T10:00:00Z',
  last_used_at: null,
  expires_at: null,
};

export const permissions: Permission[] = [
  { group: 'TICKETS', label: 'Tickets', level: 'READ_WRITE', ask_first: false },
  { group: 'EMAIL', label: 'Email', level: 'READ_ONLY', ask_first: false },
];

/** A server on which everything is there. */
export const full: Record<string, Handler> = {
  'GET /session': { data: session() },
  'GET /integrations': { data: [integration] },
  'GET /integrations/servicenow/form': { data: form },
  'GET /integrations/i1/health': { data: health },
  'GET /integrations/i1/permissions': { data: { permissions } },
  'GET /alerts': { data: [] },
  'GET /approvals': { data: [] },
  'GET /approvals/a1': { data: approval },
  'GET /scheduled-work': { data: [work] },
  'GET /settings': { data: settings },
  'GET /endpoints': { data: [endpoint] },
  'GET /api-keys': { data: [apiKey] },
  'GET /workflows': { data: [workflow] },
  'GET /workflows/w1': { data: workflow },
  'GET /workflow-templates': { data: [template] },
  'POST /workflows/check': { data: { mistakes: [] } },
  'POST /workflows/count': { data: { matched: 37, of: 500, tickets: [] } },
  'GET /catalogue/fields': { data: fields },
  'GET /catalogue/choices': ({ url }) => {
    const q = (url.searchParams.get('q') ?? '').toLowerCase();
    const all = choices[url.searchParams.get('field') ?? ''] ?? [];
    return { data: all.filter((c) => `${c.label} ${c.value}`.toLowerCase().includes(q)) };
  },
  'GET /history': { data: [entry(2), entry(1)] },
  'GET /events/e1': { data: event },
  'GET /runs/r1': { data: run },
};
