import createClient from 'openapi-fetch';
import { Problem } from './problem';
import type { components, paths } from './schema';

type Schemas = components['schemas'];
export type Integration = Schemas['Integration'];
export type ConnectionStatus = Schemas['Status'];
export type ConnectForm = Schemas['ConnectForm'];
export type ConnectInput = Schemas['ConnectInputBody'];
export type Attempt = Schemas['Attempt'];
export type Health = Schemas['Health'];
export type SetupFiles = Schemas['SetupFiles'];
export type BackfillInput = Schemas['BackfillInputBody'];
export type NeoAlert = Schemas['Alert'];
export type Check = Schemas['Check'];
export type Workflow = Schemas['Workflow'];
export type Definition = Schemas['Definition'];
export type Rule = Schemas['Rule'];
export type TargetChange = Schemas['TargetChange'];
export type ActionSpec = Schemas['ActionSpec'];
export type Field = Schemas['Field'];
export type Choice = Schemas['Choice'];
export type Mistake = Schemas['Mistake'];
export type WorkflowTemplate = Schemas['Template'];
export type Verdict = Schemas['Verdict'];
export type HistoryEntry = Schemas['HistoryEntry'];
export type Event = Schemas['Event'];
export type Run = Schemas['Run'];
export type Step = Schemas['Step'];
export type Value = Schemas['Value'];
export type Person = Schemas['Person'];
/** `user` is null when nobody is signed in; the description of the API cannot say so of a reference. */
export type Session = Omit<Schemas['Session'], 'user'> & { user: Person | null };
export type Outcome = HistoryEntry['outcome'];
export type EventType = HistoryEntry['type'];
export type Plan = Schemas['Plan'];
export type Preview = Schemas['Preview'];
export type Approval = Schemas['Approval'];
export type ScheduledWork = Schemas['ScheduledWork'];
export type Permission = Schemas['Permission'];
export type Settings = Schemas['Settings'];
export type Endpoint = Schemas['Endpoint'];
export type EndpointForm = Schemas['EndpointForm'];
export type ApiKey = Schemas['APIKey'];
export type Backtest = Schemas['Backtest'];
export type Case = Schemas['Case'];
export type Comparison = Schemas['Comparison'];
export type Trial = Schemas['Trial'];
export type Version = Schemas['Version'];

export const api = createClient<paths>({
  baseUrl: window.location.origin,
  fetch: (request) => globalThis.fetch(request),
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Returns the whole body of a successful answer; throws a Problem otherwise. */
export async function body<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw Problem.unreachable();
  }
  if (!answer.response.ok || answer.data === undefined) {
    throw Problem.fromAnswer(answer.response.status, answer.error);
  }
  return answer.data;
}

/** Returns what is inside the envelope of a successful answer; throws a Problem otherwise. */
export async function data<T>(call: Promise<Answer<{ data: T }>>): Promise<T> {
  return (await body(call)).data;
}
