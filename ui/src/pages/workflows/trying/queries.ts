import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../../../api/call';
import type { Definition, Value, Verdict } from '../../../api/client';
import type { Preview, TicketRef } from '../../../api/plan';
import { keys } from '../../../api/queries';

/** What a workflow would do about a ticket now. */
export interface TestResult {
  ticket: TicketRef;
  number: string;
  title: string;
  /** Whether its conditions hold for the ticket. */
  matches: boolean;
  explanation?: Verdict['explanation'] | null;
  steps: Preview[] | null;
}

/** A field as it was, as the workflow would have made it, and as technicians made it. */
export interface WouldBe {
  field: string;
  before: Value | null;
  would: Value | null;
  became: Value | null;
}

export interface Case {
  number: string;
  ticket: TicketRef;
  at: string;
  title: string;
  changes: WouldBe[] | null;
  /** What else the workflow would have done: "Add work note", … */
  also: string[] | null;
}

export interface Backtest {
  id: string;
  state: 'RUNNING' | 'DONE' | 'FAILED' | 'CANCELLED';
  /** Events looked at so far, of total. */
  progress: number;
  total: number;
  days: number;
  /** Why it failed. */
  message: string;
  result?: {
    events: number;
    tickets: number;
    /** Tickets on which technicians then did the same. */
    agreed: number;
    fields: { field: string; cases: number; agreed: number }[] | null;
    /** The first of them. */
    cases: Case[] | null;
  } | null;
}

export interface Shadow {
  cases: number;
  agreed: number;
  /** 0 to 1; null before there is a case. */
  share: number | null;
  recent: { run_id: string; number: string; at: string; changes: (WouldBe & { agreed: boolean })[] | null }[] | null;
}

export interface VersionEntry {
  version: number;
  saved_at: string;
  /** "" when that is not known any more. */
  saved_by: string;
  /** What changed against the one before. */
  summary: string[] | null;
}

export interface Version extends VersionEntry {
  definition: Definition;
  differences: { path: string; before: unknown; after: unknown }[] | null;
}

export function useTestOnTicket() {
  return useMutation({
    mutationFn: (body: { definition: Definition; number: string }) =>
      call<TestResult>('POST', '/workflows/test', { body }),
  });
}

export function useStartBacktest() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { definition: Definition; days: number }) => call<Backtest>('POST', '/backtests', { body }),
    onSuccess: (backtest) => client.setQueryData(keys.backtest(backtest.id), backtest),
  });
}

const backtestPath = (id: string) => `/backtests/${encodeURIComponent(id)}`;

/** How a backtest stands, asked for until it is over. */
export const backtestQuery = (id: string) =>
  queryOptions({
    queryKey: keys.backtest(id),
    queryFn: ({ signal }) => call<Backtest>('GET', backtestPath(id), { signal }),
    enabled: id !== '',
    refetchInterval: ({ state }) => (!state.data || state.data.state === 'RUNNING' ? 600 : false),
  });

export function useCancelBacktest(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call<unknown>('POST', `${backtestPath(id)}/cancel`),
    onSettled: () => client.invalidateQueries({ queryKey: keys.backtest(id) }),
  });
}

export const csvUrl = (id: string) => `/api/v1${backtestPath(id)}/csv`;

const workflowPath = (id: string) => `/workflows/${encodeURIComponent(id)}`;

export const shadowQuery = (id: string) =>
  queryOptions({
    queryKey: keys.shadow(id),
    queryFn: ({ signal }) => call<Shadow>('GET', `${workflowPath(id)}/shadow`, { signal }),
  });

export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: keys.versions(id),
    queryFn: async ({ signal }) =>
      (await call<VersionEntry[] | null>('GET', `${workflowPath(id)}/versions`, { signal })) ?? [],
  });

export const versionQuery = (id: string, version: number) =>
  queryOptions({
    queryKey: keys.version(id, version),
    queryFn: ({ signal }) => call<Version>('GET', `${workflowPath(id)}/versions/${version}`, { signal }),
  });
