import type { Holiday } from './hours';

/** At most so many days of one entry: longer ones are no holidays. */
const longest = 31;

/**
 * The whole days of a calendar file (RFC 5545): those that are repeated each year, and those from the given day on.
 * Entries with a time of the day, and other repetitions, are left out.
 */
export function holidaysOf(text: string, from: string): Holiday[] {
  const found = new Map<string, Holiday>();
  for (const event of events(text)) {
    const start = dayOf(event.DTSTART);
    if (!start || event['RECURRENCE-ID'] || event.STATUS === 'CANCELLED') continue;
    const rule = event.RRULE ?? '';
    const yearly = /(^|;)FREQ=YEARLY(;|$)/.test(rule) && !/(^|;)(BY\w+|INTERVAL|COUNT|UNTIL)=/.test(rule);
    if (rule && !yearly) continue;
    const end = dayOf(event.DTEND); // the day after the last one
    const name = unescaped(event.SUMMARY ?? '').slice(0, 100);
    for (let i = 0; i < longest; i++) {
      const date = new Date(start.getTime() + i * 86_400_000).toISOString().slice(0, 10);
      if (i > 0 && (!end || date >= end.toISOString().slice(0, 10))) break;
      if (!yearly && date < from) continue;
      const key = yearly ? date.slice(5) : date;
      if (!found.has(key)) found.set(key, name ? { date: key, name } : { date: key });
    }
  }
  return [...found.values()].sort((a, b) => a.date.length - b.date.length || a.date.localeCompare(b.date));
}

/** The properties of each VEVENT, without their parameters. */
function* events(text: string): Generator<Record<string, string>> {
  let event: Record<string, string> | null = null;
  let inside = 0; // of something else in the event, such as an alarm
  for (const line of text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/)) {
    const match = /^([A-Za-z0-9-]+)[^:]*?:(.*)$/.exec(line);
    if (!match) continue;
    const [, name = '', value = ''] = match;
    const key = name.toUpperCase();
    if (key === 'BEGIN' && value === 'VEVENT') event = {};
    else if (key === 'END' && value === 'VEVENT') {
      if (event) yield event;
      event = null;
    } else if (event && key === 'BEGIN') inside++;
    else if (event && key === 'END') inside--;
    else if (event && inside === 0) event[key] ??= value.trim();
  }
}

/** A value that is a whole day: 20261225. */
function dayOf(value: string | undefined): Date | null {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(value ?? '');
  if (!match) return null;
  const at = new Date(`${match[1]}-${match[2]}-${match[3]}T00:00:00Z`);
  return Number.isNaN(at.getTime()) ? null : at;
}

function unescaped(text: string): string {
  return text.replace(/\\([nN,;\\])/g, (_, c: string) => (c === 'n' || c === 'N' ? ' ' : c)).trim();
}
