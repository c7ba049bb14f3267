/** What to look at when connecting fails with this message. */
export function troubleshooting(message: string): string[] {
  if (message.startsWith('instance_url')) {
    return [
      'Start with https:// and use the bare host: no path, no trailing slash. https://acme.service-now.com is right, https://acme.service-now.com/now is not.',
      'The host must end with .service-now.com or .servicenowservices.com. Vanity addresses do not work here; use the instance’s own.',
    ];
  }
  if (message.includes('invalid_client')) {
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

export function closedMessage(redirectUrl: string): string {
  return `If the instance could not be reached, check the Instance URL. If it closed by itself or showed an error page, the Redirect URL on the OAuth Application Registry entry probably does not match. It must be exactly ${redirectUrl}. Then try again.`;
}
