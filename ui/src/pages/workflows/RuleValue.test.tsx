import { MantineProvider } from '@mantine/core';
import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { describe, expect, test } from 'vitest';
import { comparisonWords } from '../../words/workflow';
import { arityOf, type Kind, operatorsFor } from './catalogue';
import { RuleValue } from './RuleValue';

function show(kind: Kind, operator: string, value = '') {
  const entry = { name: 'due_date', label: 'Due', kind, group: '', classes: [], readOnly: false };
  let latest = value;
  function Held() {
    const [now, set] = useState(value);
    latest = now;
    return <RuleValue entry={entry} operator={operator} value={now} onChange={set} />;
  }
  render(
    <MantineProvider env="test">
      <Held />
    </MantineProvider>,
  );
  return () => latest;
}

async function pick(kind: string) {
  const user = userEvent.setup();
  await user.click(screen.getByRole('combobox', { name: 'Value for Due, kind of time' }));
  await user.click(await screen.findByRole('option', { name: kind }));
}

describe('fault 15: what a rule can say of times', () => {
  test.each<Kind>(['time', 'date'])('a %s can be due within the next hours, and overdue', (kind) => {
    const names = operatorsFor(kind).map((o) => o.value);
    expect(names).toEqual(expect.arrayContaining(['withinNext', 'notWithinNext', 'before', 'after']));
    expect(arityOf('withinNext')).toBe('span');
  });

  test('overdue is before now', async () => {
    const value = show('time', 'before');
    await pick('Now');
    expect(value()).toBe('now');
    expect(comparisonWords('due_date', 'before', 'now')).toMatch(/ is before now$/);
  });

  test('within the next 4 hours', () => {
    const value = show('time', 'withinNext');
    fireEvent.change(screen.getByRole('textbox', { name: 'Value for Due' }), { target: { value: '4' } });
    expect(value()).toBe('4h');
    expect(comparisonWords('due_date', 'withinNext', '4h')).toMatch(/ is within the next 4 hours$/);
  });

  test('a day stays a day', async () => {
    const value = show('time', 'before', '2026-12-24');
    expect(screen.getByLabelText('Value for Due')).toHaveProperty('type', 'date');
    fireEvent.change(screen.getByLabelText('Value for Due'), { target: { value: '2026-12-25' } });
    expect(value()).toBe('2026-12-25');
    await pick('Today');
    expect(value()).toBe('today');
  });

  test('a time without a zone is in UTC', () => {
    show('time', 'before', '2026-12-24 10:00:00');
    const shown = (screen.getByLabelText('Value for Due') as HTMLInputElement).value;
    expect(new Date(shown).toISOString()).toBe('2026-12-24T10:00:00.000Z');
  });

  test('what a file says otherwise is kept', () => {
    const value = show('time', 'before', '24.12.2026');
    expect(screen.getByDisplayValue('24.12.2026')).toBeTruthy();
    expect(value()).toBe('24.12.2026');
  });

  test('hours go on past midnight', () => {
    const value = show('hour', 'between', '22,6');
    expect(screen.getByDisplayValue('22')).toBeTruthy();
    expect(value()).toBe('22,6');
  });
});

test('fault 9: an amount with a comma is one end of a range', () => {
  const value = show('currency', 'between', '"10,000","20,000"');
  fireEvent.change(screen.getByLabelText('Upper value for Due'), { target: { value: '30,000' } });
  expect(value()).toBe('"10,000","30,000"');
});

test.each<Kind>(['list', 'currency', 'date', 'duration'])('fault 9: a field that is a %s has operators', (kind) => {
  expect(operatorsFor(kind).length).toBeGreaterThan(5);
});
