import { describe, expect, test } from 'vitest';
import type { Outcome } from '../api/client';
import { isFinal, look, outcomeLook, outcomes, percent, successRate } from './outcome';

test.each<[Outcome, string, string, boolean]>([
  ['SUCCESS', 'Success', 'green', true],
  ['FAILURE', 'Failure', 'red', true],
  ['SKIPPED', 'Skipped', 'gray', true],
  ['PENDING', 'Pending', 'yellow', false],
  ['RUNNING', 'Running', 'blue', false],
  ['WAITING', 'Waiting', 'yellow', false],
  ['CANCELLED', 'Cancelled', 'gray', true],
])('%s', (outcome, label, color, final) => {
  expect(look(outcomes, outcome)).toEqual({ label, color });
  expect(isFinal(outcome)).toBe(final);
});

test('an outcome of a newer server is shown as it is', () => {
  expect(look(outcomes, 'PARKED' as Outcome)).toEqual({ label: 'PARKED', color: 'gray' });
});

describe('success rate', () => {
  test.each([
    [0, 0, '–'],
    [9, 1, '90%'],
    [1, 0, '100%'],
    [0, 3, '0%'],
    [999, 1, '99%'],
    [1, 999, '1%'],
  ])('%i successes, %i failures', (successes, failures, want) => {
    expect(percent(successRate({ successes, failures }))).toBe(want);
  });
});

test('fault 27: green is only what was done', () => {
  expect(outcomeLook('SUCCESS')).toEqual({ label: 'Success', color: 'green' });
  expect(outcomeLook('SUCCESS', { shadow: true })).toEqual({ label: 'Shadow', color: 'blue' });
  expect(outcomeLook('SUCCESS', { change: true }).color).not.toBe('green');
  expect(outcomeLook('FAILURE', { shadow: true }).label).toBe('Failure');
});
