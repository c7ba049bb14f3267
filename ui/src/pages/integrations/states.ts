import type { Check, Health, Integration } from '../../api/client';
import type { Look } from '../../words/outcome';
import { list } from '../../words/ticket';

interface StateLook {
  label: string;
  /** The banner's title. */
  title: string;
  color: string;
  /** What the state means, where the server has no message of its own. */
  text: string;
}

export const states: Record<Integration['state'], StateLook> = {
  CONNECTING: {
    label: 'Connecting',
    title: 'Neo is setting up the connection',
    color: 'petrol',
    text: 'Consent was given. Neo checks what it may do and plants the webhook.',
  },
  READY_TO_SYNC: { label: 'Connected', title: 'ServiceNow connected', color: 'green', text: '' },
  SETUP_REQUIRED: {
    label: 'One step left',
    title: 'Connected; one step is left: an administrator must plant the rule',
    color: 'orange',
    text: 'An administrator of the instance must plant the Business Rule and the System Property. Until then Neo finds changes by looking once a minute.',
  },
  FAILED: {
    label: 'Failed',
    title: 'ServiceNow is not connected',
    color: 'red',
    text: 'Consent was given, but Neo could not finish. See what failed below, fix it in ServiceNow, then connect again.',
  },
  RECONNECT_REQUIRED: {
    label: 'Consent needed',
    title: 'ServiceNow needs your consent again',
    color: 'orange',
    text: 'The instance no longer accepts Neo’s access. Sign in there as the Neo service account and allow it again.',
  },
  DISCONNECTED: {
    label: 'Disconnected',
    title: 'Disconnected',
    color: 'gray',
    text: 'Neo neither reads nor writes there. Its history stays.',
  },
};

export function checkColor(state: Check['state']): string {
  if (state === 'ok') return 'green';
  if (state === 'running') return 'petrol';
  return state === 'warning' ? 'orange' : 'red';
}

export const healthStates: Record<Health['state'], Look> = {
  ok: { label: 'Healthy', color: 'green' },
  warning: { label: 'Needs attention', color: 'orange' },
  failed: { label: 'Not working', color: 'red' },
};

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
