import { expect, test } from 'vitest';
import { joinValues, minuteWords, parseSpan, spanWords, splitRange, splitValues } from './values';

test.each([
  ['', []],
  ['a', ['a']],
  ['a, b ,,c', ['a', 'b', 'c']],
  ['"Smith, Ann",b', ['Smith, Ann', 'b']],
  ['"say ""no""",5" pipe', ['say "no"', '5" pipe']],
  ['incident:3,change_request:-5', ['incident:3', 'change_request:-5']],
])('%s holds %j', (text, members) => {
  expect(splitValues(text)).toEqual(members);
  expect(splitValues(joinValues(members))).toEqual(members);
});

test.each([
  ['4h', 4, 'h', '4 hours'],
  ['1d', 1, 'd', '1 day'],
  ['30m', 30, 'm', '30 minutes'],
  ['1.5h', 1.5, 'h', '1.5 hours'],
  ['2w', 14, 'd', '14 days'],
  ['1d12h', 36, 'h', '36 hours'],
  ['1h 30m', 90, 'm', '90 minutes'],
])('%s is a span', (text, count, unit, words) => {
  expect(parseSpan(text)).toEqual({ count, unit });
  expect(spanWords(text)).toBe(words);
});

test('what is no span stays as it is', () => {
  expect(parseSpan('soon').count).toBe('');
  expect(spanWords('soon')).toBe('soon');
});

test.each([
  [90, '90 minutes'],
  [120, '2 hours'],
  [2880, '2 days'],
])('%d minutes are %s', (minutes, words) => expect(minuteWords(minutes)).toBe(words));

test.each([
  ['1,5', ['1', '5']],
  ['1', ['1', '']],
  [',5', ['', '5']],
  ['"10,000", "20,000"', ['10,000', '20,000']],
])('%s is a range', (text, ends) => expect(splitRange(text)).toEqual(ends));
