import { configure, createEvent, fireEvent, screen, waitFor, within } from '@testing-library/react';
import type { UserEvent } from '@testing-library/user-event';
import { describe, expect, test, vi } from 'vitest';
import type { Definition } from '../../api/client';
import { open } from '../../test/open';
import { type Asked, full, serve, workflow } from '../../test/server';
import { pretty } from './definition';

// A form of this size takes long to search for what cannot be seen; nothing of it is hidden.
configure({ defaultHidden: true, asyncUtilTimeout: 15_000 });
vi.setConfig({ testTimeout: 90_000 });

const box = (name: string) => screen.findByLabelText(name, { selector: 'input[role=combobox]' });
const text = (name: string) => screen.findByLabelText(name, { selector: 'input, textarea' });
const button = (name: string | RegExp) => screen.findByRole('button', { name });

/** Clicks an option of a list that is open. */
async function choose(user: UserEvent, input: HTMLElement, wanted: string) {
  const find = () => {
    const list = document.getElementById(input.getAttribute('aria-controls') ?? '');
    if (!list) throw new Error('the list is not open');
    return within(list).getByText(wanted);
  };
  await user.click(await waitFor(find));
}

async function pick(user: UserEvent, name: string, wanted: string) {
  const input = await box(name);
  await user.click(input);
  await choose(user, input, wanted);
}

async function add(user: UserEvent, action: string) {
  await user.click(await button('Add action'));
  await user.click(await screen.findByRole('menuitem', { name: action }));
}

const json = async (user: UserEvent) => {
  await user.click(await screen.findByRole('radio', { name: 'As JSON' }));
  return text('Definition (JSON)');
};

const posted = (asked: Asked[]) => asked.findLast((a) => a.method === 'POST' && a.path === '/workflows')?.body;

test('a workflow is built from empty, by the form alone', async () => {
  const { asked } = serve(full, { 'POST /workflows': { status: 201, data: workflow } });
  const { user } = open('/workflows/new?template=empty');
  await user.type(await text('Name'), 'Stale');
  await pick(user, 'Change 1, kind', 'State changed');
  await pick(user, 'Change 1, to', 'On Hold (Incident)');
  await user.click(await button('Add another change: or'));
  await pick(user, 'Change 2, field', 'Category');

  await user.click(await button('Add rule'));
  await pick(user, 'Rule 1, field', 'Ticket Type');
  await pick(user, 'Values for Ticket Type', 'Incident');
  await user.click(await button('Add group'));
  const group = await screen.findByRole('group', { name: 'Rules of group 2' });
  const first = within(group).getByLabelText('Rule 1, field', { selector: 'input[role=combobox]' });
  await user.click(first);
  await choose(user, first, 'Assignment group');
  const groups = await box('Values for Assignment group');
  await user.type(groups, 'netw');
  await choose(user, groups, 'Network');
  await user.click(within(group).getByRole('button', { name: 'Add rule to rules of group 2' }));
  const second = within(group).getByLabelText('Rule 2, field', { selector: 'input[role=combobox]' });
  await user.click(second);
  await choose(user, second, 'Since last update');
  await user.type(await text('Value for Since last update'), '3');
  await pick(user, 'Value for Since last update, unit', 'days');

  await add(user, 'Update ticket fields');
  await pick(user, 'Add a field', 'Urgency');
  await pick(user, 'Urgency', '2 - Medium');
  await add(user, 'Add work note');
  await user.type(await text('Work note'), 'Still open: ');
  await user.click(await button('Insert into Work note'));
  await user.click(await screen.findByRole('option', { name: 'Number', hidden: false }));
  await user.click(await text('Run once per ticket'));
  await user.click(await text('Enable it when it is saved'));
  await user.click(await button('Save'));

  await waitFor(() => expect(window.location.pathname).toBe('/workflows/w1/edit'));
  expect(asked.findLast((a) => a.method === 'POST' && a.path === '/workflows')?.search).toBe('?enabled=true');
  expect(posted(asked)).toEqual({
    name: 'Stale',
    trigger_type: 'TRIGGERED',
    target_changes: [
      { change_type: 'STATE_CHANGED', target_value: 'incident:3' },
      { change_type: 'FIELD_UPDATED', target_field: 'category' },
    ],
    conditions: {
      combinator: 'and',
      rules: [
        { field: 'ticket_type', operator: 'in', value: 'incident' },
        {
          combinator: 'or',
          rules: [
            { field: 'assignment_group', operator: 'in', value: '287ebd7da9fe198100f92cc8d1d2154e' },
            { field: 'since_last_update', operator: '>', value: '3d' },
          ],
        },
      ],
    },
    actions: [
      { type: 'UPDATE_TICKET_FIELDS', config: { fields: { urgency: '2' } } },
      { type: 'ADD_WORK_NOTE', config: { text: 'Still open: {{ ticket.number }}' } },
    ],
    run_only_once_per_entity: true,
  });
});

test('what is stored is shown by name', async () => {
  const conditions = {
    combinator: 'and',
    rules: [{ field: 'assignment_group', operator: '=', value: '287ebd7da9fe198100f92cc8d1d2154e' }],
  };
  serve(full, { 'GET /workflows/w1': { data: { ...workflow, definition: { ...workflow.definition, conditions } } } });
  open('/workflows/w1/edit');
  const group = await box('Value for Assignment group');
  await waitFor(() => expect(group).toHaveValue('Network'));
  expect(await screen.findByText('Assignment group is “Network”')).toBeInTheDocument();
  expect(await screen.findByRole('status', { name: 'Tickets that match' })).toHaveTextContent(
    'As they are now, 37 of the 500 newest tickets match these rules',
  );
});

describe('problems', () => {
  const mistakes = [
    { path: 'conditions.rules[1].value', message: 'There is no category “netwrk”.' },
    { path: 'actions[1].config.text', message: 'There is no ticket.callerr.' },
    { path: 'actions[0]', message: 'The step cannot be the first.' },
    { path: 'pause_after_failures', message: 'It may be at most 100.' },
  ];

  test('stand beside what causes them, and lead there from the summary', async () => {
    serve(full, { 'POST /workflows/check': { data: { mistakes } } });
    const { user } = open('/workflows/w1/edit');
    const note = await text('Work note');
    await waitFor(() => expect(note).toHaveAccessibleDescription('There is no ticket.callerr.'));
    const rule = await screen.findByRole('group', { name: 'Rule 2' });
    expect(within(rule).getByText('There is no category “netwrk”.')).toBeInTheDocument();
    // Beside its cause and in the summary, and nowhere else.
    for (const { message } of mistakes) expect(screen.getAllByText(message, { exact: false })).toHaveLength(2);
    const step = await screen.findByRole('region', { name: 'Step 1: Assign ticket' });
    expect(within(step).getByText('The step cannot be the first.')).toBeInTheDocument();
    expect(await text('Pause after failures in a row')).toHaveAccessibleDescription('It may be at most 100.');

    const summary = await screen.findByRole('alert', { name: /4 problems/ });
    await user.click(within(summary).getByRole('button', { name: /Action 2 · Add work note: Work note/ }));
    expect(note).toHaveFocus();
    await user.click(within(summary).getByRole('button', { name: /Rules · Rule 2/ }));
    expect(rule).toContainElement(document.activeElement as HTMLElement);
  });

  test('are not told of a step that was only just added, until it is left', async () => {
    serve(full, {
      'POST /workflows/check': ({ body }) => {
        const { actions } = (body as { definition: Definition }).definition;
        const bad = (actions ?? []).flatMap((a, i) =>
          (a.config as { text?: string }).text === ''
            ? [{ path: `actions[${i}].config.text`, message: 'The text is empty.' }]
            : [],
        );
        return { data: { mistakes: bad } };
      },
    });
    const { user } = open('/workflows/w1/edit');
    await text('Work note');
    await add(user, 'Add client-facing note');
    const note = await text('Note to the customer');
    expect(await screen.findByRole('alert', { name: /1 problem/ })).toBeInTheDocument();
    expect(note).not.toHaveAccessibleDescription('The text is empty.');
    await user.click(note);
    // Not while a button is held: what appears would move it away from beneath the mouse.
    await user.pointer({ keys: '[MouseLeft>]', target: await button('Add action') });
    expect(note).not.toHaveFocus();
    expect(note).not.toHaveAccessibleDescription('The text is empty.');
    await user.pointer({ keys: '[/MouseLeft]' });
    await waitFor(() => expect(note).toHaveAccessibleDescription('The text is empty.'));
  });

  test('that a save is refused for are told too', async () => {
    serve(full, {
      'POST /workflows/check': 'unreachable',
      'PUT /workflows/w1': {
        status: 400,
        error: { code: 'invalid', message: 'It cannot work yet.', details: { mistakes: mistakes.slice(1, 2) } },
      },
    });
    const { user } = open('/workflows/w1/edit');
    const note = await text('Work note');
    await user.type(note, ' {{{{ ticket.callerr }}');
    await user.click(await button('Save'));
    // Fault 26: in the words of the form, and leading to the field.
    const refused = await screen.findByRole('alert', { name: /was not saved: 1 problem/ });
    await user.click(within(refused).getByRole('button', { name: /Action 2 · Add work note/ }));
    expect(note).toHaveFocus();
    await waitFor(() => expect(note).toHaveAccessibleDescription('There is no ticket.callerr.'));
    expect(note).toHaveValue('Routed. {{ ticket.callerr }}');
  });
});

describe('the order of actions', () => {
  const order = () => screen.getAllByRole('region', { name: /^Step \d/ }).map((e) => e.getAttribute('aria-label'));
  const swapped = ['Step 1: Add work note', 'Step 2: Assign ticket'];

  test('changes by buttons', async () => {
    serve(full);
    const { user } = open('/workflows/w1/edit');
    await user.click(await button('Move step 1 down'));
    expect(order()).toEqual(swapped);
    expect(screen.getByText('Assign ticket is now step 2 of 2.')).toBeInTheDocument();
    expect(await button('Move step 2 down')).toBeDisabled();
  });

  test('changes by keyboard', async () => {
    serve(full);
    const { user } = open('/workflows/w1/edit');
    (await button(/^Move step 2: drag/)).focus();
    await user.keyboard('{ArrowUp}');
    expect(order()).toEqual(swapped);
    await waitFor(() => expect(screen.getByRole('button', { name: /^Move step 1: drag/ })).toHaveFocus());
  });

  test('changes by drag', async () => {
    serve(full);
    open('/workflows/w1/edit');
    const handle = await button(/^Move step 1: drag/);
    const dataTransfer = { setData: () => {}, setDragImage: () => {}, effectAllowed: '' };
    const list = screen.getByRole('list', { name: 'Actions' });
    [...list.children].forEach((card, i) => {
      card.getBoundingClientRect = () => ({ top: i * 100, height: 100 }) as DOMRect;
    });
    fireEvent.dragStart(handle, { dataTransfer });
    const over = createEvent.dragOver(list, { dataTransfer });
    Object.defineProperty(over, 'clientY', { value: 180 });
    fireEvent(list, over);
    fireEvent.drop(list, { dataTransfer });
    await waitFor(() => expect(order()).toEqual(swapped));
  });

  test('a copy follows its original; deleting takes one away', async () => {
    serve(full);
    const { user } = open('/workflows/w1/edit');
    await user.click(await button('More for step 1'));
    await user.click(await screen.findByRole('menuitem', { name: 'Duplicate' }));
    expect(order()).toEqual(['Step 1: Assign ticket', 'Step 2: Assign ticket', 'Step 3: Add work note']);
    await user.click(await button('Delete step 1'));
    await user.click(await button('Delete step 1'));
    expect(order()).toEqual(['Step 1: Add work note']);
  });
});

test('the JSON is the same draft', async () => {
  const { asked } = serve(full, { 'PUT /workflows/w1': { data: { ...workflow, version: 4 } } });
  const { user } = open('/workflows/w1/edit');
  const name = await text('Name');
  await user.clear(name);
  await user.type(name, 'Renamed');
  const area = await json(user);
  expect(area).toHaveValue(pretty({ ...workflow.definition, name: 'Renamed' }));
  fireEvent.change(area, { target: { value: '{\n  "name": oops\n}' } });
  await user.click(await button('Save'));
  expect(screen.getByText(/This is not valid JSON/)).toBeInTheDocument();
  await user.click(screen.getByRole('radio', { name: 'Form' }));
  expect(screen.getByText(/This is not valid JSON/)).toBeInTheDocument();
  expect(asked.some((a) => a.method === 'PUT')).toBe(false);
  fireEvent.change(area, { target: { value: pretty({ ...workflow.definition, name: 'By hand' }) } });
  await user.click(screen.getByRole('radio', { name: 'Form' }));
  expect(await text('Name')).toHaveValue('By hand');
  await user.click(await button('Save'));
  expect(await screen.findByText('This is version 4 now.')).toBeInTheDocument();
  expect(asked.find((a) => a.method === 'PUT')?.body).toMatchObject({ name: 'By hand' });
});

test('fault 26: an unfinished workflow can be saved as a draft', async () => {
  const { asked } = serve(full, {
    'POST /workflows/check': { data: { mistakes: [{ path: 'actions', message: 'There are no actions.' }] } },
    'POST /workflows': ({ url }) =>
      url.searchParams.get('draft') === 'true'
        ? { status: 201, data: { ...workflow, enabled: false, draft: true } }
        : {
            status: 400,
            error: {
              code: 'invalid',
              message: 'The workflow has a mistake.',
              details: { mistakes: [{ path: 'actions', message: 'There are no actions.' }] },
            },
          },
  });
  const { user } = open('/workflows/new?template=empty');
  await user.click(await button('Save'));
  const refused = await screen.findByRole('alert', { name: /was not saved/ });
  expect(within(refused).getByText('Actions')).toBeInTheDocument();
  await user.click(within(refused).getByRole('button', { name: 'Save as draft' }));
  expect(await screen.findByText('Saved as a draft')).toBeInTheDocument();
  expect(posted(asked)).toMatchObject({ name: 'Untitled workflow' });
});

test('fault 28: what is typed after adding goes into the new row', async () => {
  serve(full);
  const { user } = open('/workflows/w1/edit');
  await user.click(await button('Add rule'));
  await waitFor(() => expect(document.activeElement).toHaveAttribute('aria-label', 'Rule 3, field'));
  await user.keyboard('  x{Enter}');
  expect(screen.getAllByRole('group', { name: /^Rule \d+$/ })).toHaveLength(3);
  await add(user, 'Send message');
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Endpoint', { selector: 'input' })));
});

test('fault 25: what keeps a draft from working is listed, with where it is solved', async () => {
  serve(full, {
    'POST /workflows/readiness': {
      data: {
        obstacles: [
          { path: 'actions[0].config.group', message: 'ServiceNow has no group “Netwrk”.', nearest: 'Network' },
          {
            path: 'actions[1]',
            message: 'Work Notes is set to Read Only.',
            integration_id: 'i1',
            permission_group: 'WORK_NOTES',
          },
        ],
        unchecked: ['beta.service-now.com could not be asked.'],
      },
    },
  });
  open('/workflows/w1/edit');
  const panel = await screen.findByRole('alert', { name: '2 problems to solve before it can be enabled' });
  expect(within(panel).getByRole('button', { name: /Action 1 · Assign ticket: Group/ })).toBeInTheDocument();
  expect(within(panel).getByRole('link', { name: 'Change the permission' })).toHaveAttribute(
    'href',
    '/integrations/servicenow/i1#permission-WORK_NOTES',
  );
  expect(within(panel).getByText(/Not checked: beta/)).toBeInTheDocument();
});

describe('unsaved changes', () => {
  test('are guarded against links', async () => {
    serve(full);
    const { user } = open('/workflows/w1/edit');
    await user.type(await text('Name'), '!');
    await user.click(screen.getByRole('link', { name: 'Event History' }));
    expect(await screen.findByText(/Neo keeps your changes as a draft/)).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Stay' }));
    expect(window.location.pathname).toBe('/workflows/w1/edit');
    await user.click(screen.getByRole('link', { name: 'Event History' }));
    await user.click(await button('Leave'));
    await waitFor(() => expect(window.location.pathname).toBe('/events'));
    // Fault 26: leaving keeps the draft, and it is offered again.
    expect(sessionStorage.getItem('neo-draft-w1')).toContain('Route network incidents!');
    window.history.pushState(null, '', '/workflows/w1');
    expect(await screen.findByRole('link', { name: 'Continue draft' })).toHaveAttribute('href', '/workflows/w1/edit');
    await user.click(await button('Discard'));
    expect(sessionStorage).toHaveLength(0);
  });

  test('are guarded against the back button and closing the tab', async () => {
    serve(full);
    const { user } = open('/workflows');
    await user.click(await screen.findByRole('link', { name: 'Route network incidents' }));
    await user.click(await screen.findByRole('link', { name: 'Edit' }));
    await user.type(await text('Name'), '!');
    window.history.back();
    expect(await screen.findByText(/Neo keeps your changes as a draft/)).toBeInTheDocument();
    expect(window.location.pathname).toBe('/workflows/w1/edit');
    const closing = new Event('beforeunload', { cancelable: true });
    window.dispatchEvent(closing);
    expect(closing.defaultPrevented).toBe(true);
    await user.click(await button('Leave'));
    await waitFor(() => expect(window.location.pathname).toBe('/workflows/w1'));
  });

  test('are kept when the page is lost all the same', async () => {
    serve(full);
    sessionStorage.setItem(
      'neo-draft-w1',
      JSON.stringify({ version: 3, text: pretty({ ...workflow.definition, name: 'Mine' }) }),
    );
    const { user } = open('/workflows/w1/edit');
    expect(await screen.findByText('This is your draft')).toBeInTheDocument();
    expect(await text('Name')).toHaveValue('Mine');
    await user.click(await button('Discard'));
    expect(await text('Name')).toHaveValue('Route network incidents');
    await waitFor(() => expect(sessionStorage).toHaveLength(0));
  });

  test('survive a save over a newer version, and can go over it', async () => {
    const { asked, routes } = serve(full, {
      'PUT /workflows/w1': { status: 409, error: { code: 'conflict', message: 'It was changed since you opened it.' } },
    });
    const { user } = open('/workflows/w1/edit');
    await user.type(await text('Name'), ', mine');
    Object.assign(routes, { 'GET /workflows/w1': { data: { ...workflow, version: 5 } } });
    await user.click(await button('Save'));
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('It was changed since you opened it.');
    expect(alert).toHaveTextContent('while you were editing version 3');
    expect(await text('Name')).toHaveValue('Route network incidents, mine');
    await user.click(await button('Keep mine, save over theirs'));
    expect(await screen.findByText('Version 5 is saved now.')).toBeInTheDocument();
    expect(await text('Name')).toHaveValue('Route network incidents, mine');
    Object.assign(routes, { 'PUT /workflows/w1': { data: { ...workflow, version: 6 } } });
    await user.click(await button('Save'));
    await waitFor(() => expect(asked.findLast((a) => a.method === 'PUT')?.search).toBe('?version=5'));
  });

  test('that are saved leave nothing to ask', async () => {
    serve(full, {
      'PUT /workflows/w1': ({ body }) => ({ data: { ...workflow, version: 4, definition: body } }),
    });
    const { user } = open('/workflows/w1/edit');
    await user.type(await text('Name'), '!');
    await user.click(await button('Save'));
    expect(await screen.findByText('This is version 4 now.')).toBeInTheDocument();
    await user.click(screen.getByRole('link', { name: 'Event History' }));
    await waitFor(() => expect(window.location.pathname).toBe('/events'));
  });
});

test('a schedule tells when it fires next', async () => {
  const { asked } = serve(full, { 'POST /workflows': { status: 201, data: workflow } });
  const { user } = open('/workflows/new?template=empty');
  await user.click(await screen.findByRole('radio', { name: 'Scheduled' }));
  await pick(user, 'Repeat', 'On weekdays');
  expect(screen.getByRole('note', { name: 'Next firings' })).toHaveTextContent(
    /08:00.*08:00.*08:00 \(Europe\/Berlin\)/,
  );
  await user.click(screen.getByRole('checkbox', { name: 'Sat' }));
  await user.click(await button('Save'));
  await waitFor(() => expect(posted(asked)).toBeDefined());
  expect(posted(asked)).toMatchObject({
    trigger_type: 'SCHEDULED',
    schedule: { every: 'WEEKDAYS', at: '08:00', days: ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] },
  });
});

test('fault 15: the first Monday of a month, a condition on a holiday, and a wait for working time', async () => {
  const { asked } = serve(full, { 'POST /workflows': { status: 201, data: workflow } });
  const { user } = open('/workflows/new?template=empty');
  await user.click(await screen.findByRole('radio', { name: 'Scheduled' }));
  await pick(user, 'Repeat', 'Every month');
  expect(screen.getByRole('note', { name: 'Next firings' })).toHaveTextContent(/Mon .*Mon .*Mon /);
  await user.click(await button('Add rule'));
  await pick(user, 'Rule 1, field', 'It is a holiday');
  await pick(user, 'Value for It is a holiday', 'No');
  await add(user, 'Wait');
  await pick(user, 'Wait', 'For working time');
  await user.click(await button('Save'));
  await waitFor(() => expect(posted(asked)).toBeDefined());
  expect(posted(asked)).toMatchObject({
    schedule: { every: 'MONTH', at: '08:00', week: 1, days: ['MON'] },
    conditions: { rules: [{ field: 'holiday', operator: '=', value: 'false' }] },
    actions: [{ type: 'WAIT', config: { for_working_minutes: 60 } }],
  });
});
