/** How a rule's value is written: lists at commas, spans as "30m", "4h", "7d". */

/** The members of a list; one that holds a comma stands in double quotes. */
export function splitValues(value: string | undefined): string[] {
  return members(value).filter(Boolean);
}

function members(value: string | undefined): string[] {
  const found: string[] = [];
  let member = '';
  let quoted = false;
  const text = value ?? '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"' && quoted && text[i + 1] === '"') {
      member += '"';
      i++;
    } else if (c === '"' && (quoted || member.trim() === '')) {
      quoted = !quoted;
    } else if (c === ',' && !quoted) {
      found.push(member.trim());
      member = '';
    } else {
      member += c;
    }
  }
  found.push(member.trim());
  return found;
}

export function joinValues(members: string[]): string {
  return members.map(quoted).join(',');
}

function quoted(member: string): string {
  return /[",]/.test(member) ? `"${member.replaceAll('"', '""')}"` : member;
}

/** Both ends of a range; "" for one that is missing. */
export function splitRange(value: string): [string, string] {
  const [from = '', ...rest] = members(value);
  return [from, rest.join(',')];
}

/** A range of both ends; "" when there is neither. */
export function joinRange(from: string, to: string): string {
  return from || to ? `${quoted(from)},${quoted(to)}` : '';
}

/** Times that are told by their place to now. */
export const relativeTimes = new Set(['now', 'today', 'tomorrow', 'yesterday']);

export type SpanUnit = 'm' | 'h' | 'd';

export const spanUnits: Record<SpanUnit, string> = { m: 'minutes', h: 'hours', d: 'days' };

const inMinutes: Record<string, number> = { s: 1 / 60, m: 1, h: 60, d: 1440, w: 10_080 };

/** Reads "30m", "1.5d" or "1d12h"; in the largest unit that it is a whole number of. */
export function parseSpan(value: string): { count: number | ''; unit: SpanUnit } {
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)\s*([smhdw])\s*/g)];
  if (parts.length === 0 || parts.map((p) => p[0]).join('') !== value.trimStart()) return { count: '', unit: 'h' };
  const [first] = parts;
  if (first && parts.length === 1 && (first[2] ?? '') in spanUnits) {
    return { count: Number(first[1]), unit: first[2] as SpanUnit };
  }
  const minutes = parts.reduce((sum, [, n, unit]) => sum + Number(n) * (inMinutes[unit ?? ''] ?? 0), 0);
  const unit = (['d', 'h'] as const).find((u) => minutes % (inMinutes[u] ?? 1) === 0) ?? 'm';
  return { count: minutes / (inMinutes[unit] ?? 1), unit };
}

/** A span in words, e.g. "4 hours"; what is none is returned as it is. */
export function spanWords(value: string): string {
  const { count, unit } = parseSpan(value);
  if (count === '') return value;
  const words = spanUnits[unit];
  return `${count} ${count === 1 ? words.slice(0, -1) : words}`;
}

/** Minutes in words, in the largest unit that they are a whole number of. */
export function minuteWords(minutes: number): string {
  if (minutes % 1440 === 0) return spanWords(`${minutes / 1440}d`);
  if (minutes % 60 === 0) return spanWords(`${minutes / 60}h`);
  return spanWords(`${minutes}m`);
}
