import type { Check, ConnectionStatus, Integration } from '../../api/client';
import type { Look } from '../../words/outcome';
import { list } from '../../words/ticket';
import { clock } from '../../words/time';

type Status = ConnectionStatus['state'];

/** How each status looks. How a connection does is computed by the server; this only gives it words and a colour. */
export const statuses: Record<Status, Look & { title: string }> = {
  CONNECTING: { label: 'Connecting', color: 'petrol', title: 'Neo is setting up the connection' },
  WORKING: { label: 'Working', color: 'green', title: 'ServiceNow connected' },
  DEGRADED: { label: 'Degraded', color: 'orange', title: 'ServiceNow works only in part' },
  NOT_ANSWERING: { label: 'Not answering', color: 'orange', title: 'ServiceNow does not answer' },
  ACTION_NEEDED: { label: 'Action needed', color: 'orange', title: 'ServiceNow needs your attention' },
  DISCONNECTED: { label: 'Disconnected', color: 'gray', title: 'Disconnected' },
};

/** What is to be done, by how far the connection has been set up. */
const actions: Partial<Record<Integration['state'], { title: string; color: string; text: string }>> = {
  SETUP_REQUIRED: {
    title: 'Connected; one step is left: an administrator must plant the rule',
    color: 'orange',
    text: 'An administrator of the instance must plant the Business Rule and the System Property. Until then Neo finds changes by looking once a minute.',
  },
  FAILED: {
    title: 'ServiceNow is not connected',
    color: 'red',
    text: 'Consent was given, but Neo could not finish. See what failed below, fix it in ServiceNow, then connect again.',
  },
  RECONNECT_REQUIRED: {
    title: 'ServiceNow needs your consent again',
    color: 'orange',
    text: 'The instance no longer accepts Neo’s access. Sign in there as the Neo service account and allow it again.',
  },
};

const texts: Partial<Record<Status, string>> = {
  CONNECTING: 'Consent was given. Neo checks what it may do and plants the webhook.',
  DISCONNECTED: 'Neo neither reads nor writes there. Its history stays.',
};

/** How a connection does, in words: for its banner, its line in a list, and the notice on other pages. */
export function connectionLook({ state, status }: Integration): Look & { title: string; text: string } {
  const look = statuses[status.state];
  const action = status.state === 'ACTION_NEEDED' ? actions[state] : undefined;
  const text = status.state === 'NOT_ANSWERING' ? notAnswering(status) : status.message;
  return { ...look, ...action, text: text || action?.text || texts[status.state] || '' };
}

/** What it means that an instance does not answer; times are the reader's own. */
export function notAnswering({ since, waiting, read_from }: ConnectionStatus): string {
  const parts = [since ? `No answer since ${clock(since)}.` : 'It does not answer.'];
  if (waiting === 1) parts.push('One workflow run waits and goes on when it answers.');
  if (waiting > 1) parts.push(`${waiting} workflow runs wait and go on when it answers.`);
  parts.push(
    read_from ? `Nothing is lost: Neo then reads every change again from ${clock(read_from)}.` : 'Nothing is lost.',
  );
  parts.push(
    'Open the instance in a browser: if it is hibernating, sign in to wake it; otherwise check that it accepts calls from Neo’s address.',
  );
  return parts.join(' ');
}

const order: Status[] = ['NOT_ANSWERING', 'ACTION_NEEDED', 'DEGRADED', 'CONNECTING', 'WORKING', 'DISCONNECTED'];

/** The connection that does worst, of those that were not ended. */
export function worst(integrations: Integration[]): Integration | undefined {
  const rank = (i: Integration) => order.indexOf(i.status.state);
  return integrations.filter((i) => i.status.state !== 'DISCONNECTED').toSorted((a, b) => rank(a) - rank(b))[0];
}

export function checkColor(state: Check['state']): string {
  if (state === 'ok') return 'green';
  if (state === 'running') return 'petrol';
  return state === 'warning' ? 'orange' : 'red';
}

/** What an inspection has come to, in one sentence. */
export function inspectionWords(checks: Check[]): string {
  const bad = checks.filter((c) => c.state === 'failed' || c.state === 'warning').map((c) => c.label);
  return bad.length === 0 ? 'Checked: all is well.' : `Checked: see to ${list(bad)}.`;
}

/** What an administrator plants; their names are the server's. */
const plantedNames = ['callback_property', 'business_rule'];

/** What of what has to be planted was not found; null where nobody could look. */
export function notPlanted(checks: Check[]): Check[] | null {
  const planted = checks.filter((c) => plantedNames.includes(c.name));
  return planted.length < plantedNames.length ? null : planted.filter((c) => c.state === 'failed');
}

/** What could not be removed from an instance. */
export function leftBehind(checks: Check[]): Check[] {
  return checks.filter((c) => c.state !== 'ok');
}

export function deliveredColor(share: number): string {
  return share >= 0.9 ? 'green' : 'orange';
}

/** How long the consent still holds, and how urgent that is. */
export function consentLook(days: number): { color: string; text: string } {
  const color = days <= 3 ? 'red' : days <= 14 ? 'orange' : 'gray';
  if (days < 0) return { color, text: 'ended' };
  if (days === 0) return { color, text: 'ends today' };
  return { color, text: days === 1 ? '1 day left' : `${days} days left` };
}

/** The host alone, where the whole address is too long. */
export function host(url: string): string {
  return url.replace(/^https?:\/\//, '');
}
