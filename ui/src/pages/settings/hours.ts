import type { Settings as Saved } from '../../api/client';
import { list } from '../../words/ticket';

export interface Holiday {
  date: string;
  name?: string;
}

export type Settings = Omit<Saved, 'business_days' | 'holidays'> & { business_days: string[]; holidays: Holiday[] };

export const days = [
  { value: 'MON', label: 'Mon', name: 'Monday' },
  { value: 'TUE', label: 'Tue', name: 'Tuesday' },
  { value: 'WED', label: 'Wed', name: 'Wednesday' },
  { value: 'THU', label: 'Thu', name: 'Thursday' },
  { value: 'FRI', label: 'Fri', name: 'Friday' },
  { value: 'SAT', label: 'Sat', name: 'Saturday' },
  { value: 'SUN', label: 'Sun', name: 'Sunday' },
];

/** Settings with the days from Monday on. */
export function sorted({ time_zone, business_days, opens_at, closes_at, holidays }: Saved): Settings {
  const chosen = days.map((d) => d.value).filter((d) => business_days?.includes(d));
  return { time_zone, business_days: chosen, opens_at, closes_at, holidays: holidays ?? [] };
}

export interface Mistakes {
  days?: string;
  hours?: string;
  holidays?: string;
}

/** What is wrong with business hours; nothing when they can be saved. */
export function hoursMistakes({ business_days, opens_at, closes_at, holidays }: Settings): Mistakes {
  return {
    ...(holidays.some((h) => !isDate(h.date)) && { holidays: 'Give each holiday a day, or remove it.' }),
    ...(business_days.length === 0 && { days: 'Choose at least one day.' }),
    ...(opens_at >= closes_at && { hours: 'Closing has to be later than opening, on the same day.' }),
  };
}

/** What the clock says in a zone; null when the zone is not known. */
export function clock(zone: string, now: number): { day: string; time: string; date: string } | null {
  try {
    const parts = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      weekday: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }).formatToParts(now);
    const of = (type: string) => parts.find((p) => p.type === type)?.value ?? '';
    return {
      day: of('weekday').toUpperCase().slice(0, 3),
      time: `${of('hour')}:${of('minute')}`,
      date: `${of('year')}-${of('month')}-${of('day')}`,
    };
  } catch {
    return null;
  }
}

/** Whether a moment is inside business hours. */
export function isOpen(settings: Settings, now: number): boolean {
  const c = clock(settings.time_zone, now);
  return (
    c !== null &&
    settings.business_days.includes(c.day) &&
    !holidayOn(settings, c.date) &&
    settings.opens_at <= c.time &&
    c.time < settings.closes_at
  );
}

/** The holiday on a day, "2026-12-25". */
export function holidayOn({ holidays }: Settings, date: string): Holiday | undefined {
  return holidays.find((h) => h.date === date) ?? holidays.find((h) => h.date === date.slice(5));
}

/** Whether a text is a day that there is: "2026-12-25", or "12-25" for each year. */
export function isDate(text: string): boolean {
  const full = /^\d{2}-\d{2}$/.test(text) ? `2000-${text}` : text;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(full)) return false;
  const at = new Date(`${full}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(full);
}

/** The days in words: "Monday to Friday", "Monday, Wednesday and Friday". */
export function dayWords(chosen: string[]): string {
  const at = days.flatMap((d, i) => (chosen.includes(d.value) ? [i] : []));
  const names = at.map((i) => days[i]?.name ?? '');
  const first = at[0] ?? 0;
  const running = at.length > 2 && at.every((i, n) => i === first + n);
  return running ? `${names[0]} to ${names.at(-1)}` : list(names);
}
