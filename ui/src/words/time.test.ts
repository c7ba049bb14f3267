import { describe, expect, test } from 'vitest';
import { absolute, between, daysLeft, duration, relative } from './time';

const now = new Date(2026, 5, 15, 12, 0, 0).getTime();
const ago = (seconds: number) => new Date(now - seconds * 1000);

describe('relative', () => {
  test.each([
    [0, 'just now'],
    [1, 'just now'],
    [4, '4 s ago'],
    [-3, 'just now'], // the server's clock is a little ahead
    [42, '42 s ago'],
    [60, '1 min ago'],
    [3599, '59 min ago'],
    [3600, '1 h ago'],
    [86_400, 'yesterday'],
    [3 * 86_400, '3 days ago'],
    [-30, 'in 30 s'],
    [-300, 'in 5 min'],
    [-7200, 'in 2 h'],
    [-99 * 86_400, 'in 99 days'],
  ])('%i seconds ago', (seconds, want) => {
    expect(relative(ago(seconds), now)).toBe(want);
  });

  test('a date after a week, with the year when it is another', () => {
    expect(relative(ago(10 * 86_400), now)).not.toMatch(/ago|2026/);
    expect(relative(ago(400 * 86_400), now)).toMatch(/2025/);
  });
});

test.each([
  [0, ''],
  [null, ''],
  [undefined, ''],
  [-5, ''],
  [412, '412 ms'],
  [1380, '1.4 s'],
  [12_400, '12 s'],
  [60_000, '1 min'],
  [75_000, '1 min 15 s'],
  [7_500_000, '2 h 5 min'],
])('duration of %s ms', (ms, want) => {
  expect(duration(ms)).toBe(want);
});

test.each([
  [3.5, 3],
  [0.5, 0],
  [-0.5, -1],
])('%s days from now are %s whole ones', (days, want) => {
  expect(daysLeft(new Date(now + days * 86_400_000).toISOString(), now)).toBe(want);
});

test('between two moments', () => {
  expect(between('2026-01-05T10:00:00Z', '2026-01-05T10:00:00.340Z')).toBe('340 ms');
  expect(between('2026-01-05T10:00:00Z', '2026-01-05T10:00:00Z')).toBe('1 ms');
  expect(between('2026-01-05T10:00:00Z', null)).toBe('');
});

test('absolute has the seconds', () => {
  expect(absolute(new Date(2026, 0, 5, 10, 11, 12))).toMatch(/11.12/);
});
