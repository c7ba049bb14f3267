/** What to look at when connecting fails with this message. */
export function troubleshooting(message: string): string[] {
  if (message.startsWith('instance_url')) {
    return [
      'Start with https:// and use the bare host: no path, no trailing slash. https://acme.service-now.com is right, https://acme.service-now.com/now is not.',
      'The host must end with .service-now.com or .servicenowservices.com. Vanity addresses do not work here; use the instance’s own.',
    ];
  }
  if (message.includes('invalid_client') || message.includes('unauthorized_client')) {
    return [
      'Copy the Client ID from the OAuth Application Registry entry again; do not type it.',
      'Copy the Client Secret again, without spaces or line breaks around it. If it was regenerated in ServiceNow, use the new one.',
      'Check that the entry is set to Active.',
    ];
  }
  if (message.includes('access_denied')) {
    return ['Consent was declined in ServiceNow. Try again and click Allow, signed in as the Neo service account.'];
  }
  if (/insufficient privileges/i.test(message)) {
    return [
      'The account that clicked Allow has no role itil (or an equal one with read and write access to the task tables). Give it that role in ServiceNow, then connect again.',
    ];
  }
  return [];
}

/** What to look at when the window of consent closed without a result: what it showed says which. */
export function closedAdvice(redirectUrl: string): string[] {
  return [
    'It showed “unauthorized_client” or “invalid_client”: check that the Client ID is that of the OAuth Application Registry entry, and that the entry is Active.',
    `It showed “Invalid redirect_uri”, or it closed by itself: the Redirect URL of the entry must be exactly ${redirectUrl}.`,
    'The instance could not be reached: check the Instance URL.',
    'You closed it yourself: click the button to try again.',
  ];
}

/**
 * Where Neo must be opened, when this page is open under another address than the one to which ServiceNow sends people
 * back. `blocks`: the session is another host’s there, so that the consent cannot be completed.
 */
export function otherAddress(
  redirectUrl: string,
  here: { origin: string; hostname: string },
): { right: string; here: string; blocks: boolean } | null {
  let right: URL;
  try {
    right = new URL(redirectUrl);
  } catch {
    return null;
  }
  if (right.origin === here.origin) return null;
  return { right: right.origin, here: here.origin, blocks: right.hostname !== here.hostname };
}
