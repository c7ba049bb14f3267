import { expect, test } from 'vitest';
import { firstOf, graphemes, initials } from './graphemes';

test.each([
  ['Ada Admin', 'AA'],
  ['ada', 'A'],
  ['Ana María López', 'AL'],
  ['🚀 Rocket', '🚀R'],
  ['👩‍🚒', '👩‍🚒'],
  ['Zoë 👨‍👩‍👧', 'Z👨‍👩‍👧'],
  ['é́lan', 'É́'],
  ['  ', ''],
])('fault 28: the avatar of %j is %j, and nothing is cut in two', (name, want) => {
  expect(initials(name)).toBe(want);
  expect(() => encodeURIComponent(initials(name))).not.toThrow(); // half a surrogate does
});

test('fault 28: a cut leaves whole characters', () => {
  expect(firstOf('👩‍🚒👩‍🚒👩‍🚒', 2)).toBe('👩‍🚒👩‍🚒');
  expect(firstOf('short', 64)).toBe('short');
  expect(graphemes('a👍🏽b')).toEqual(['a', '👍🏽', 'b']);
});
