import type { Settings as Saved } from '../../api/client';
import { list } from '../../words/ticket';

export type Settings = Omit<Saved, 'business_days'> & { business_days: string[] };

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
export function sorted({ time_zone, business_days, opens_at, closes_at }: Saved): Settings {
  const chosen = days.map((d) => d.value).filter((d) => business_days?.includes(d));
  return { time_zone, business_days: chosen, opens_at, closes_at };
}

export interface Mistakes {
  days?: string;
  hours?: string;
}

/** What is wrong with business hours; nothing when they can be saved. */
export function hoursMistakes({ business_days, opens_at, closes_at }: Settings): Mistakes {
  return {
    ...(business_days.length === 0 && { days: 'Choose at least one day.' }),
    ...(opens_at >= closes_at && { hours: 'Closing has to be later than opening, on the same day.' }),
  };
}

/** What the clock says in a zone; null when the zone is not known. */
export function clock(zone: string, now: number): { day: string; time: string } | null {
  try {
    const parts = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }).formatToParts(now);
    const of = (type: string) => parts.find((p) => p.type === type)?.value ?? '';
    return { day: of('weekday').toUpperCase().slice(0, 3), time: `${of('hour')}:${of('minute')}` };
  } catch {
    return null;
  }
}

/** Whether a moment is inside business hours. */
export function isOpen(settings: Settings, now: number): boolean {
  const c = clock(settings.time_zone, now);
  return (
    c !== null && settings.business_days.includes(c.day) && settings.opens_at <= c.time && c.time < settings.closes_at
  );
}

/** The days in words: "Monday to Friday", "Monday, Wednesday and Friday". */
export function dayWords(chosen: string[]): string {
  const at = days.flatMap((d, i) => (chosen.includes(d.value) ? [i] : []));
  const names = at.map((i) => days[i]?.name ?? '');
  const first = at[0] ?? 0;
  const running = at.length > 2 && at.every((i, n) => i === first + n);
  return running ? `${names[0]} to ${names.at(-1)}` : list(names);
}
