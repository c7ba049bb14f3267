/** A moment as a field for date and time holds it: in the reader's own zone, to the minute. */
export function toField(at: string | Date): string {
  const d = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
}

/** The moment that such a field names; null while it names none. */
export function fromField(text: string): Date | null {
  const d = new Date(text);
  return text && !Number.isNaN(d.getTime()) ? d : null;
}

/** What is wrong with a time for work; "" when nothing is. */
export function timeMistake(text: string, now = Date.now()): string {
  const at = fromField(text);
  if (!at) return 'Enter a date and a time.';
  if (at.getTime() <= now) return 'This time has passed. Choose one in the future.';
  return '';
}

/** The next full hour: what a person most likely means is later than this. */
export function nextHour(now = Date.now()): Date {
  const d = new Date(now);
  d.setHours(d.getHours() + 1, 0, 0, 0);
  return d;
}

/** The numbers in what a person typed: separated by commas, spaces or lines, each once. */
export function ticketNumbers(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter(Boolean))];
}

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
