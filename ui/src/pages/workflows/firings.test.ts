import { expect, test } from 'vitest';
import type { Schedule } from './definition';
import { nextFirings, parseCron } from './firings';

// A Monday, 10:00 in Berlin.
const now = Date.parse('2026-01-05T09:00:00Z');

test.each<[string, Schedule, string[]]>([
  ['every day, later today', { every: 'DAY', at: '10:30' }, ['2026-01-05T09:30Z', '2026-01-06T09:30Z']],
  ['every day, over for today', { every: 'DAY', at: '10:00' }, ['2026-01-06T09:00Z', '2026-01-07T09:00Z']],
  ['Monday to Friday', { every: 'WEEKDAYS', at: '08:00' }, ['2026-01-06T07:00Z', '2026-01-07T07:00Z']],
  ['some days', { every: 'WEEKDAYS', at: '08:00', days: ['SAT', 'MON'] }, ['2026-01-10T07:00Z', '2026-01-12T07:00Z']],
  ['another zone', { every: 'DAY', at: '08:00', time_zone: 'UTC' }, ['2026-01-06T08:00Z', '2026-01-07T08:00Z']],
  ['cron: quarters of an hour', { every: 'CRON', cron: '*/15 10 * * *' }, ['2026-01-05T09:15Z', '2026-01-05T09:30Z']],
  ['cron: the first of a month', { every: 'CRON', cron: '0 6 1 * *' }, ['2026-02-01T05:00Z', '2026-03-01T05:00Z']],
  ['cron: names', { every: 'CRON', cron: '0 6 * FEB SUN' }, ['2026-02-01T05:00Z', '2026-02-08T05:00Z']],
  ['cron: day of month or weekday', { every: 'CRON', cron: '0 6 8 1 TUE' }, ['2026-01-06T05:00Z', '2026-01-08T05:00Z']],
  ['cron: 29 February', { every: 'CRON', cron: '0 0 29 2 *' }, ['2028-02-28T23:00Z']],
  ['every 25 minutes', { every: 'MINUTES', count: 25 }, ['2026-01-05T09:25Z', '2026-01-05T09:50Z']],
  [
    'every 7 hours, from each midnight',
    { every: 'HOURS', count: 7 },
    ['2026-01-05T13:00Z', '2026-01-05T20:00Z', '2026-01-05T23:00Z'],
  ],
  [
    'the first Monday',
    { every: 'MONTH', at: '08:00', week: 1, days: ['MON'] },
    ['2026-02-02T07:00Z', '2026-03-02T07:00Z'],
  ],
  [
    'the last Friday',
    { every: 'MONTH', at: '08:00', week: -1, days: ['FRI'] },
    ['2026-01-30T07:00Z', '2026-02-27T07:00Z'],
  ],
  ['the 31st', { every: 'MONTH', at: '08:00', day: 31 }, ['2026-01-31T07:00Z', '2026-03-31T06:00Z']],
  ['the last day', { every: 'MONTH', at: '08:00', day: -1 }, ['2026-01-31T07:00Z', '2026-02-28T07:00Z']],
  ['no day of the month yet', { every: 'MONTH', at: '08:00' }, []],
  ['every hour of no length', { every: 'HOURS' }, []],
  ['no time yet', { every: 'DAY', at: '' }, []],
  ['no such zone', { every: 'DAY', at: '08:00', time_zone: 'Mars/Base' }, []],
])('%s', (_, schedule, want) => {
  const found = nextFirings(schedule, 'Europe/Berlin', now, Math.max(1, want.length));
  expect(found.map((at) => new Date(at).toISOString().replace(':00.000Z', 'Z'))).toEqual(want);
});

test('a time that the clocks skip is as much later; one that they repeat fires once', () => {
  const spring = Date.parse('2026-03-28T12:00:00Z');
  const s: Schedule = { every: 'DAY', at: '02:30' };
  expect(nextFirings(s, 'Europe/Berlin', spring, 1).map((at) => new Date(at).toISOString())).toEqual([
    '2026-03-29T01:30:00.000Z',
  ]);
  const autumn = Date.parse('2026-10-24T12:00:00Z');
  expect(nextFirings(s, 'Europe/Berlin', autumn, 2)).toEqual([
    Date.parse('2026-10-25T00:30:00Z'),
    Date.parse('2026-10-26T01:30:00Z'),
  ]);
});

test.each<[string, string, string, string[]]>([
  [
    'fault 14: every other hour in autumn',
    '0 */2 * * *',
    '2026-10-24T22:30Z',
    ['2026-10-25T00:00Z', '2026-10-25T03:00Z'],
  ],
  [
    'fault 14: every other hour in spring',
    '0 */2 * * *',
    '2026-03-28T23:30Z',
    ['2026-03-29T01:00Z', '2026-03-29T02:00Z'],
  ],
  [
    'all hours in autumn',
    '30 * * * *',
    '2026-10-25T00:00Z',
    ['2026-10-25T00:30Z', '2026-10-25T01:30Z', '2026-10-25T02:30Z'],
  ],
  [
    'all hours in spring',
    '30 * * * *',
    '2026-03-29T00:00Z',
    ['2026-03-29T00:30Z', '2026-03-29T01:30Z', '2026-03-29T02:30Z'],
  ],
])('%s', (_, cron, after, want) => {
  const found = nextFirings({ every: 'CRON', cron }, 'Europe/Berlin', Date.parse(after), want.length);
  expect(found.map((at) => new Date(at).toISOString().replace(':00.000Z', 'Z'))).toEqual(want);
});

test.each(['', '* * * *', '60 * * * *', 'a * * * *', '5-1 * * * *', '* * * * MOO', '*/0 * * * *'])(
  '“%s” is no cron expression',
  (text) => expect(parseCron(text)).toBeNull(),
);
