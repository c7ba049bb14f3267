const absoluteFormat = new Intl.DateTimeFormat(undefined, {
  dateStyle: 'medium',
  timeStyle: 'medium',
});
const dayFormat = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const dayYearFormat = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });

/** The moment in full, in the reader's own zone. */
export function absolute(at: string | Date): string {
  return absoluteFormat.format(new Date(at));
}

const clockFormat = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const dayClockFormat = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: 'numeric',
  minute: '2-digit',
});

/** The time of day, with the day where it is not today's. */
export function clock(at: string | Date, now: Date = new Date()): string {
  const then = new Date(at);
  return (then.toDateString() === now.toDateString() ? clockFormat : dayClockFormat).format(then);
}

/** How long ago, short enough for a column of a table. */
export function relative(at: string | Date, now: number = Date.now()): string {
  const then = new Date(at).getTime();
  const seconds = Math.round((now - then) / 1000);
  if (seconds < -5) return ahead(-seconds);
  if (seconds < 2) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  const days = Math.floor(hours / 24);
  if (days < 7) return days === 1 ? 'yesterday' : `${days} days ago`;
  const sameYear = new Date(then).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? dayFormat : dayYearFormat).format(then);
}

function ahead(seconds: number): string {
  if (seconds < 60) return `in ${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `in ${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `in ${hours} h` : `in ${Math.round(hours / 24)} days`;
}

/** Whole days until then; negative when it is over. */
export function daysLeft(until: string, now: number = Date.now()): number {
  return Math.floor((new Date(until).getTime() - now) / 86_400_000);
}

/** A length of time; "" for none. */
export function duration(ms: number | null | undefined): string {
  if (!ms || ms < 0) return '';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 60_000) return `${Math.round(ms / 1000)} s`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.round((ms % 60_000) / 1000);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return seconds ? `${minutes} min ${seconds} s` : `${minutes} min`;
}

/** Between two moments; "" while either is missing. */
export function between(from: string | null | undefined, to: string | null | undefined): string {
  if (!from || !to) return '';
  return duration(Math.max(1, new Date(to).getTime() - new Date(from).getTime()));
}

const momentFormat = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const momentYearFormat = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

/** Day and time to the minute, in the reader's own zone; the year where it is another one. */
export function moment(at: string | Date, now: number = Date.now()): string {
  const d = new Date(at);
  return (d.getFullYear() === new Date(now).getFullYear() ? momentFormat : momentYearFormat).format(d);
}
