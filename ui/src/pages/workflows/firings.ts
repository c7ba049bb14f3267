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

/** The changes of clocks that there are, in minutes. */
const shifts = [30, 60, 120];

/** The first moment at which the clocks of the zone show that; when they skip it, they show as much later. */
function momentOf(l: Local, clock: Intl.DateTimeFormat): number {
  const wanted = Date.UTC(l.year, l.month - 1, l.day, l.hour, l.minute);
  let [at, latest] = [wanted, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < 3; i++) {
    const off = wanted - shownAt(at, clock);
    if (off === 0)
      return Math.min(at, ...shifts.map((m) => at - m * 60_000).filter((t) => shownAt(t, clock) === wanted));
    at += off;
    if (i > 0) latest = Math.max(latest, at);
  }
  return Math.max(latest, at);
}

/** What the clocks show at a moment, as if they showed UTC. */
function shownAt(at: number, clock: Intl.DateTimeFormat): number {
  const { year, month, day, hour, minute } = localOf(at, clock);
  return Date.UTC(year, month - 1, day, hour, minute);
}

/** All moments at which the clocks show that: none when they skip it, two when they show it twice. */
function momentsOf(l: Local, clock: Intl.DateTimeFormat): number[] {
  const wanted = Date.UTC(l.year, l.month - 1, l.day, l.hour, l.minute);
  const first = momentOf(l, clock);
  return [first, ...shifts.map((m) => first + m * 60_000)].filter((at) => shownAt(at, clock) === wanted);
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

/** The times on a clock at which a schedule fires. */
interface WallTimes {
  on: (day: Date) => boolean;
  /** Minutes since midnight, from the first on. */
  minutes: number[];
  /** Every hour is meant: hours count as they pass, and not what the clocks show. */
  passing: boolean;
}

/** Null for what makes no sense yet. */
function wallTimes(s: Schedule): WallTimes | null {
  if (s.every === 'CRON') {
    const cron = parseCron(s.cron ?? '');
    if (!cron) return null;
    const hours = (s.cron ?? '').trim().split(/\s+/)[1] ?? '';
    return {
      on: (date) => {
        const byDay = cron.days.has(date.getUTCDate());
        const byWeekday = cron.weekdays.has(date.getUTCDay());
        return cron.months.has(date.getUTCMonth() + 1) && (cron.either ? byDay || byWeekday : byDay && byWeekday);
      },
      minutes: [...cron.hours].flatMap((h) => [...cron.minutes].map((m) => h * 60 + m)).sort((a, b) => a - b),
      passing: hours.split(',').some((part) => part === '*' || part === '*/1'),
    };
  }
  if (s.every === 'HOURS' || s.every === 'MINUTES') {
    const period = (s.count ?? 0) * (s.every === 'HOURS' ? 60 : 1);
    if (!(period > 0)) return null;
    const minutes = Array.from({ length: Math.ceil(1440 / period) }, (_, i) => i * period);
    return { on: () => true, minutes, passing: false };
  }
  const at = /^(\d{1,2}):(\d{2})$/.exec(s.at ?? '');
  const on = dayOf(s);
  if (!at || !on) return null;
  return { on, minutes: [Number(at[1]) * 60 + Number(at[2])], passing: false };
}

/** On which days a schedule with a time of the day fires; null when no day is told. */
function dayOf(s: Schedule): ((day: Date) => boolean) | null {
  const chosen = s.days?.length ? s.days : ['MON', 'TUE', 'WED', 'THU', 'FRI'];
  const named = (day: Date) => chosen.includes(dayNames[day.getUTCDay()] ?? '');
  const sameMonth = (day: Date, later: number) =>
    new Date(day.getTime() + later * 86_400_000).getUTCMonth() === day.getUTCMonth();
  if (s.every === 'DAY') return () => true;
  if (s.every === 'WEEKDAYS') return named;
  if (s.week === -1) return (day) => named(day) && !sameMonth(day, 7);
  if (s.week) return (day) => named(day) && Math.ceil(day.getUTCDate() / 7) === s.week;
  if (s.day === -1) return (day) => !sameMonth(day, 1);
  return s.day ? (day) => day.getUTCDate() === s.day : null;
}

/** When a schedule fires next, in the given zone when it has none of its own. Empty when it makes no sense yet. */
export function nextFirings(s: Schedule, zone: string, after: number, count = 3): number[] {
  const clock = clockOf(s.time_zone || zone);
  if (!clock) return [];
  const times = wallTimes(s);
  if (!times) return [];
  const period = (s.count ?? 0) * (s.every === 'HOURS' ? 60 : 1);
  if ((s.every === 'MINUTES' || s.every === 'HOURS') && period <= 60) {
    return nextPeriods(period * 60_000, clock, after, count);
  }
  const found = new Set<number>();
  const today = localOf(after, clock);
  // Five years have every date that there is. What is skipped yesterday can come today, and what is skipped today after
  // what comes later: one day more than are needed is looked at.
  let enough = Number.POSITIVE_INFINITY;
  for (let d = -1; d < 5 * 366 && d <= enough; d++) {
    const date = new Date(Date.UTC(today.year, today.month - 1, today.day + d));
    if (!times.on(date)) continue;
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
    for (const minutes of times.minutes) {
      const wall = { year, month, day, hour: Math.floor(minutes / 60), minute: minutes % 60 };
      for (const at of times.passing ? momentsOf(wall, clock) : [momentOf(wall, clock)]) {
        if (at > after) found.add(at);
      }
    }
    if (found.size >= count && enough === Number.POSITIVE_INFINITY) enough = d + 1;
  }
  return [...found].sort((a, b) => a - b).slice(0, count);
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
