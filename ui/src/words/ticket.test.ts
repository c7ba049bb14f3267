import { expect, test } from 'vitest';
import { differs, fieldName, list, shown, ticketClass, withArticle } from './ticket';

test.each([
  ['short_description', 'Short description'],
  ['caller_id', 'Caller'],
  ['u_business_unit', 'Business unit'],
  ['assigned_to.manager', 'Assigned to manager'],
  ['u_', 'u_'],
])('%s is a field', (field, want) => {
  expect(fieldName(field)).toBe(want);
});

test('kinds of tickets', () => {
  expect(ticketClass('sc_req_item')).toBe('request item');
  expect(ticketClass('u_facility_case')).toBe('u facility case');
});

test('values are shown as the ticket system shows them, and compared as it stores them', () => {
  expect(shown({ value: '1', display: '1 - High' })).toBe('1 - High');
  expect(shown({ value: 'x' })).toBe('x');
  expect(shown(undefined)).toBe('');
  expect(differs({ value: '1', display: 'New' }, { value: '1', display: 'Neu' })).toBe(false);
  expect(differs(undefined, { value: '' })).toBe(false);
  expect(differs({ value: '1' }, { value: '2' })).toBe(true);
});

test('lists and articles', () => {
  expect(list([])).toBe('');
  expect(list(['a'])).toBe('a');
  expect(list(['a', 'b', 'c'])).toBe('a, b and c');
  expect(list(['a', 'b'], 'or')).toBe('a or b');
  expect(withArticle('incident')).toBe('an incident');
  expect(withArticle('problem')).toBe('a problem');
});
