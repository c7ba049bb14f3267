import { expect, test } from 'vitest';
import type { Run } from '../../api/client';
import { run } from '../../test/server';
import { toldOf } from './followRuns';

const of = (over: Partial<Run>): Run => ({ ...run, ...over });

test.each<[string, Run[], { color: string; title: string }]>([
  [
    'a failure',
    [of({ outcome: 'FAILURE', message: 'No group.' })],
    { color: 'red', title: '“W” failed on INC0010001' },
  ],
  ['a success', [of({})], { color: 'green', title: '“W” succeeded on INC0010001' }],
  ['under way', [of({ outcome: 'RUNNING' })], { color: 'blue', title: '“W” started' }],
  ['a wait', [of({ outcome: 'WAITING' })], { color: 'blue', title: '“W” waits' }],
  ['shadow', [of({ shadow: true })], { color: 'blue', title: 'Shadow: nothing was written' }],
  ['skipped', [of({ outcome: 'SKIPPED' })], { color: 'gray', title: '“W” did nothing on INC0010001' }],
  ['one of two failed', [of({}), of({ outcome: 'FAILURE' })], { color: 'red', title: '“W” failed on 1 of 2 tickets' }],
])('fault 27: the toast after Run now tells %s as it is', (_, runs, want) => {
  expect(toldOf('W', runs)).toMatchObject(want);
});
