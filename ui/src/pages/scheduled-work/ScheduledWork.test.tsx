import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { open } from '../../test/open';
import { full, serve, work } from '../../test/server';
import { fromField, nextHour, ticketNumbers, timeMistake, toField } from './time';

test('what is to come stands first, with what can be done about each', async () => {
  serve(full, {
    'GET /scheduled-work': {
      data: [
        {
          ...work,
          id: 'failed',
          state: 'FAILED',
          run_id: 'r1',
          message: 'The group is gone.',
          at: '2026-01-01T10:00:00Z',
        },
        { ...work, id: 'later', at: '2100-02-01T10:00:00Z' },
        { ...work, id: 'sooner' },
        { ...work, id: 'now', state: 'PROCESSING', run_id: 'r2', at: '2026-01-05T10:00:00Z' },
      ],
    },
  });
  open('/scheduled-work?work=later');
  const list = await screen.findByRole('list', { name: 'Scheduled work' });
  const items = within(list).getAllByRole('listitem');
  expect(items.map((i) => i.getAttribute('data-work'))).toEqual(['now', 'sooner', 'later', 'failed']);
  expect(items[2]).toHaveAttribute('data-asked');
  const [now, sooner, , failed] = items as [HTMLElement, HTMLElement, HTMLElement, HTMLElement];
  expect(within(now).getByRole('link', { name: /Show the run/ })).toHaveAttribute('href', '/runs/r2');
  expect(within(now).queryByRole('button')).not.toBeInTheDocument();
  expect(within(sooner).getByRole('button', { name: 'Edit the work on INC0010001' })).toBeInTheDocument();
  expect(within(failed).getByText('The group is gone.')).toBeInTheDocument();
});

test('new work: what is missing is said, then it is asked for', async () => {
  const { asked } = serve(full, { 'POST /workflows/w1/run': { data: [work] } });
  const { user } = open('/scheduled-work');
  await user.click(await screen.findByRole('button', { name: 'Schedule new work' }));
  const dialog = await screen.findByRole('dialog', { name: 'Schedule new work' });
  const at = within(dialog).getByLabelText('Date and time');
  await user.clear(at);
  await user.click(within(dialog).getByRole('button', { name: 'Schedule' }));
  expect(within(dialog).getByText('Choose a workflow.')).toBeInTheDocument();
  expect(within(dialog).getByText(/Enter the number of a ticket/)).toBeInTheDocument();
  expect(within(dialog).getByText('Enter a date and a time.')).toBeInTheDocument();

  await user.click(within(dialog).getByRole('combobox', { name: 'Workflow' }));
  await user.click(await screen.findByRole('option', { name: 'Route network incidents' }));
  await user.type(within(dialog).getByLabelText('Ticket number'), 'INC1, INC2');
  await user.type(at, '2100-03-04T08:30');
  await user.type(within(dialog).getByLabelText('Note'), 'Before they begin');
  await user.click(within(dialog).getByRole('button', { name: 'Schedule' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
  expect(asked.find((a) => a.method === 'POST')).toMatchObject({
    path: '/workflows/w1/run',
    body: {
      tickets: ['INC1', 'INC2'],
      at: new Date('2100-03-04T08:30').toISOString(),
      note: 'Before they begin',
    },
  });
});

test('a link opens the form with what is known; now needs no time; an unknown ticket is told beside it', async () => {
  const { asked } = serve(full, {
    'POST /workflows/w1/run': {
      status: 404,
      error: { code: 'not_found', message: 'There is no ticket INC9. Check the number.' },
    },
  });
  const { user } = open('/scheduled-work?new&workflow=w1&ticket=INC9');
  const dialog = await screen.findByRole('dialog', { name: 'Schedule new work' });
  await waitFor(() =>
    expect(within(dialog).getByRole('combobox', { name: 'Workflow' })).toHaveValue('Route network incidents'),
  );
  await user.click(within(dialog).getByRole('radio', { name: 'Now' }));
  await user.click(within(dialog).getByRole('button', { name: 'Run now' }));
  expect(await within(dialog).findByText('There is no ticket INC9. Check the number.')).toBeInTheDocument();
  expect(within(dialog).getByLabelText('Ticket number')).toBeInvalid();
  expect(asked.find((a) => a.method === 'POST')?.body).toEqual({ tickets: ['INC9'] });
  await user.click(within(dialog).getByRole('button', { name: 'Not now' }));
  await waitFor(() => expect(window.location.search).toBe(''));
});

test('pending work is moved, and a time in the past is refused', async () => {
  const { asked } = serve(full, { 'PATCH /scheduled-work/s1': { data: work } });
  const { user } = open('/scheduled-work');
  await user.click(await screen.findByRole('button', { name: 'Edit the work on INC0010001' }));
  const dialog = await screen.findByRole('dialog');
  const at = within(dialog).getByLabelText('Date and time');
  expect(at).toHaveValue(toField(work.at));
  await user.clear(at);
  await user.type(at, '2020-01-01T10:00');
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));
  expect(within(dialog).getByText(/This time has passed/)).toBeInTheDocument();
  await user.clear(at);
  await user.type(at, '2100-01-01T10:00');
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
  expect(asked.find((a) => a.method === 'PATCH')?.body).toEqual({
    at: new Date('2100-01-01T10:00').toISOString(),
    note: 'After lunch.',
  });
});

test('cancelling asks first, and says when it was too late', async () => {
  const { routes } = serve(full, {
    'POST /scheduled-work/s1/cancel': {
      status: 409,
      error: { code: 'conflict', message: 'It has begun already: cancel its run.' },
    },
  });
  const { user } = open('/scheduled-work');
  await user.click(await screen.findByRole('button', { name: 'Cancel the work on INC0010001' }));
  const dialog = await screen.findByRole('dialog', { name: 'Cancel this work?' });
  await user.click(within(dialog).getByRole('button', { name: 'Cancel the work' }));
  expect(await within(dialog).findByRole('alert')).toHaveTextContent('It has begun already: cancel its run.');
  routes['POST /scheduled-work/s1/cancel'] = { data: { ...work, state: 'CANCELLED' } };
  await user.click(within(dialog).getByRole('button', { name: 'Cancel the work' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
});

test('nothing scheduled leads to the form', async () => {
  serve(full, { 'GET /scheduled-work': { data: [] } });
  const { user } = open('/scheduled-work');
  await user.click(await screen.findByRole('button', { name: 'Schedule the first' }));
  expect(await screen.findByRole('dialog', { name: 'Schedule new work' })).toBeInTheDocument();
});

describe('times', () => {
  test('a field and back', () => {
    expect(fromField(toField('2100-03-04T08:30:00Z'))?.toISOString()).toBe('2100-03-04T08:30:00.000Z');
    expect(fromField('')).toBeNull();
    expect(fromField('soon')).toBeNull();
  });
  test('the next hour is ahead and full', () => {
    const now = new Date('2026-01-05T10:59:30').getTime();
    expect(toField(nextHour(now))).toBe('2026-01-05T11:00');
  });
  test('what is wrong', () => {
    const now = new Date('2026-01-05T10:00').getTime();
    expect(timeMistake('2026-01-05T10:00', now)).toMatch('passed');
    expect(timeMistake('2026-01-05T10:01', now)).toBe('');
  });
  test('numbers as people type them', () => {
    expect(ticketNumbers(' INC1,INC2; INC3\nINC1 ')).toEqual(['INC1', 'INC2', 'INC3']);
    expect(ticketNumbers(' , ')).toEqual([]);
  });
});
