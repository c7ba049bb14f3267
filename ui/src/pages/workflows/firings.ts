import type { Schedule } from './definition';

/** A moment on the clocks of a time zone. Months are 1 to 12, weekdays 0 (Sunday) to 6. */
interface Local {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

function localOf(at: number, format: Intl.DateTimeFormat): Local {
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
  return { year, month, day, hour: hour % 24, minute };
}

function clockOf(zone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
  } catch {
    return null;
  }
}

/** The moment at which the clocks of the zone show that; when they skip it, they show as much later. */
function momentOf(l: Local, clock: Intl.DateTimeFormat): number {
  const wanted = Date.UTC(l.year, l.month - 1, l.day, l.hour, l.minute);
  let [at, latest] = [wanted, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < 3; i++) {
    const seen = localOf(at, clock);
    const off = wanted - Date.UTC(seen.year, seen.month - 1, seen.day, seen.hour, seen.minute);
    if (off === 0) return at;
    at += off;
    if (i > 0) latest = Math.max(latest, at);
  }
  return Math.max(latest, at);
}

const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

interface Cron {
  minutes: Set<number>;
  hours: Set<number>;
  days: Set<number>;
  months: Set<number>;
  weekdays: Set<number>;
  /** Both the day of the month and the weekday are told: one of them is enough. */
  either: boolean;
}

/** Reads the five fields of cron; null when they are not five, or none of the usual form. */
export function parseCron(text: string): Cron | null {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5) return null;
  const [minute, hour, day, month, weekday] = fields as [string, string, string, string, string];
  const minutes = cronSet(minute, 0, 59);
  const hours = cronSet(hour, 0, 23);
  const days = cronSet(day, 1, 31);
  const months = cronSet(month, 1, 12, (name) => monthNames.indexOf(name) + 1);
  const weekdays = cronSet(weekday, 0, 7, (name) => dayNames.indexOf(name));
  if (!minutes || !hours || !days || !months || !weekdays) return null;
  if (weekdays.delete(7)) weekdays.add(0);
  return { minutes, hours, days, months, weekdays, either: !day.startsWith('*') && !weekday.startsWith('*') };
}

function cronSet(field: string, min: number, max: number, named?: (name: string) => number): Set<number> | null {
  const found = new Set<number>();
  const number = (text: string) => {
    if (/^\d+$/.test(text)) return Number(text);
    const n = named && /^[A-Z]{3}$/i.test(text) ? named(text.toUpperCase()) : -1;
    return n < min ? Number.NaN : n;
  };
  for (const part of field.split(',')) {
    const match = /^(\*|[^/-]+)(?:-([^/]+))?(?:\/(\d+))?$/.exec(part);
    if (!match) return null;
    const [, first = '', last, every] = match;
    if (first === '*' && last !== undefined) return null;
    const from = first === '*' ? min : number(first);
    const to = last !== undefined ? number(last) : first === '*' || every ? max : from;
    const step = every ? Number(every) : 1;
    if (!(from >= min && to <= max && from <= to && step > 0)) return null;
    for (let n = from; n <= to; n += step) found.add(n);
  }
  return found;
}

/** The schedules that fire at clock times, as cron; null for those that fire every so often. */
function asCron(s: Schedule): Cron | null {
  if (s.every === 'CRON') return parseCron(s.cron ?? '');
  const at = /^(\d{1,2}):(\d{2})$/.exec(s.at ?? '');
  if (!at) return null;
  const days = s.every === 'WEEKDAYS' ? (s.days?.length ? s.days.join(',') : 'MON-FRI') : '*';
  return parseCron(`${Number(at[2])} ${Number(at[1])} * * ${days}`);
}

/** When a schedule fires next, in the given zone when it has none of its own. Empty when it makes no sense yet. */
export function nextFirings(s: Schedule, zone: string, after: number, count = 3): number[] {
  const clock = clockOf(s.time_zone || zone);
  if (!clock) return [];
  if (s.every === 'MINUTES' || s.every === 'HOURS') {
    const period = (s.count ?? 0) * (s.every === 'MINUTES' ? 60_000 : 3_600_000);
    return period > 0 ? nextPeriods(period, clock, after, count) : [];
  }
  const cron = asCron(s);
  if (!cron) return [];
  const found: number[] = [];
  const today = localOf(after, clock);
  // Five years have every date that there is.
  for (let d = 0; d < 5 * 366 && found.length < count; d++) {
    const date = new Date(Date.UTC(today.year, today.month - 1, today.day + d));
    const [month, day] = [date.getUTCMonth() + 1, date.getUTCDate()];
    const byDay = cron.days.has(day);
    const byWeekday = cron.weekdays.has(date.getUTCDay());
    if (!cron.months.has(month) || !(cron.either ? byDay || byWeekday : byDay && byWeekday)) continue;
    for (const hour of [...cron.hours].sort((a, b) => a - b)) {
      for (const minute of [...cron.minutes].sort((a, b) => a - b)) {
        const at = momentOf({ year: date.getUTCFullYear(), month, day, hour, minute }, clock);
        if (at > after && at !== found.at(-1) && found.length < count) found.push(at);
      }
    }
  }
  return found;
}

/** Periods are counted from each midnight of the zone. */
function nextPeriods(period: number, clock: Intl.DateTimeFormat, after: number, count: number): number[] {
  const found: number[] = [];
  let last = after;
  while (found.length < count) {
    const { year, month, day } = localOf(last, clock);
    const midnight = momentOf({ year, month, day, hour: 0, minute: 0 }, clock);
    const morrow = new Date(Date.UTC(year, month - 1, day + 1));
    const next = momentOf(
      { year: morrow.getUTCFullYear(), month: morrow.getUTCMonth() + 1, day: morrow.getUTCDate(), hour: 0, minute: 0 },
      clock,
    );
    last = Math.min(midnight + (Math.floor((last - midnight) / period) + 1) * period, next);
    found.push(last);
  }
  return found;
}

/** A firing, on the clocks of its zone: "Mon 5 Jan, 08:00". */
export function firingWords(at: number, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);
}
