import type { Check, Integration } from '../../api/client';

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
    title: 'Connected; one step is left',
    color: 'orange',
    text: 'An administrator of the instance must plant the Business Rule and the System Property. Until then Neo finds changes once a minute.',
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

/** The host alone, where the whole address is too long. */
export function host(url: string): string {
  return url.replace(/^https?:\/\//, '');
}
