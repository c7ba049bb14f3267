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
  READY_TO_SYNC: { label: 'Connected', title: 'ServiceNow connected', color: 'green', text: '' },
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
};

export function checkColor(state: Check['state']): string {
  if (state === 'ok') return 'green';
  return state === 'warning' ? 'orange' : 'red';
}

/** The host alone, where the whole address is too long. */
export function host(url: string): string {
  return url.replace(/^https?:\/\//, '');
}
