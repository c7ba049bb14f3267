/** Where ServiceNow hosts instances; the second is for the US government's clouds. */
const domains = ['.service-now.com', '.servicenowservices.com'];

/**
 * The one spelling of an instance's address, or null where the server would refuse it: the rule of
 * servicenow/instance_url.go, with the same cases in its test. `allowHosts` are the exact hosts of simulators.
 */
export function parseInstanceUrl(typed: string, allowHosts: string[]): string | null {
  const text = typed.trim();
  if (!/^[!-~]*$/.test(text)) return null;
  const [, scheme, host] = /^(https?):\/\/(.+)$/.exec(text.toLowerCase()) ?? [];
  if (!scheme || !host) return null;
  if (allowHosts.some((allowed) => allowed.trim().toLowerCase() === host) && !/[/?#@\\]/.test(host)) {
    return `${scheme}://${host}`;
  }
  if (scheme !== 'https' || host.length > 253) return null;
  const domain = domains.find((d) => host.endsWith(d));
  if (!domain) return null;
  return host.slice(0, -domain.length).split('.').every(isLabel) ? `https://${host}` : null;
}

/** One label of a host name. Punycode is no instance's name, but a look-alike's. */
function isLabel(label: string): boolean {
  return label.length <= 63 && /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(label) && !label.startsWith('xn--');
}

/** What is wrong with an address that is refused, where it is one of the usual mistakes. */
export function instanceUrlMistake(typed: string): string {
  const text = typed.trim();
  if (/^http:\/\//i.test(text)) return 'It starts with http://. Use https://.';
  if (!/^https:\/\//i.test(text)) return 'It does not start with https://.';
  const rest = text.slice('https://'.length);
  const [host = ''] = rest.split(/[/?#]/);
  if (host.includes('@')) return 'It holds a user name. Leave away everything up to the @.';
  if (rest === `${host}/`) return 'It ends with a slash. Remove that.';
  if (rest.length > host.length) return `It has more than the host. Remove “${rest.slice(host.length)}”.`;
  if (/:\d*$/.test(host)) return 'It has a port. Remove that.';
  if (domains.some((d) => `.${host.toLowerCase()}` === d))
    return 'It lacks the name of your instance, as in https://acme.service-now.com.';
  if (!domains.some((d) => host.toLowerCase().endsWith(d))) {
    return `“${host}” is not an address of ServiceNow’s own. A vanity address does not work here.`;
  }
  return '';
}
