import assert from 'node:assert/strict';
import { beSetUp, changes, connect, historyRows, open } from '../harness/dashboard.mjs';
import { addAction, addRule, change, duration, flip, pick, rules, saveEnabled, startEmpty, type } from '../harness/editor.mjs';
import { createTicket, openTicket, said, signInAs, updateTicket } from '../harness/instance.mjs';
import { journey } from '../harness/journey.mjs';
import { until } from '../harness/until.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** Longer than the waits of the chase, which are one minute each, on a slow machine. */
const CHASE = 90_000;

journey(
  'four workflows, built from empty, do what they are for',
  async ({ world, context, page, allowErrors }) => {
    allowErrors(/status of 400 .*workflows\/count/); // rules that are not complete yet
    await beSetUp(context, world);
    await connect(page, world);
    const servicenow = await context.newPage();
    const inServiceNow = async (/** @type {string} */ user) => {
      await servicenow.bringToFront();
      await signInAs(servicenow, world.instance.url, user);
    };

    // It takes three minutes, so it begins first.
    await page.bringToFront();
    await buildChase(page);
    await inServiceNow('beth.anglin');
    const silent = await createTicket(servicenow, { short: 'The scanner is slow', caller: 'Priya Nair' });
    await updateTicket(servicenow, { State: 'On Hold', 'On hold reason': 'Awaiting Caller' });
    const answered = await createTicket(servicenow, { short: 'The scanner is loud', caller: 'Priya Nair' });
    await updateTicket(servicenow, { State: 'On Hold', 'On hold reason': 'Awaiting Caller' });
    await page.bringToFront();
    await runOf(page, silent, 'Waiting');
    await runOf(page, answered, 'Waiting');

    await page.bringToFront();
    await buildTriageNote(page);
    await inServiceNow('beth.anglin');
    const problem = await createTicket(servicenow, { short: 'The mail is slow each Monday', class: 'Problem' });
    assert.deepEqual(await said(servicenow, 'note'), []);
    const item = await createTicket(servicenow, { short: 'A quiet keyboard', class: 'Requested Item', caller: 'Omar Haddad' });
    const incident = await createTicket(servicenow, { short: 'The mail is slow', caller: 'Omar Haddad' });
    const [triage] = await until('the triage note is there', async () => {
      const notes = await said(servicenow, 'note');
      return notes.length > 0 && notes;
    });
    assert.match(triage, /^Triage\nWhat: The mail is slow\nPriority: 5 - Planning\nGroup: none yet\nConfiguration item: not given\n/);
    await page.bringToFront();
    for (const number of [problem, item]) {
      await whyNot(page, number, 'Triage note', /Ticket type is/i);
      assert.equal(await historyRows(page).filter({ hasText: number }).filter({ hasText: 'Workflow Execution' }).count(), 0);
    }

    // The caller of one ticket answers after the first reminder.
    await servicenow.bringToFront();
    await openTicket(servicenow, answered);
    await until('the first reminder', async () => (await said(servicenow, 'comment')).length === 1, CHASE);
    await inServiceNow('priya.nair');
    await openTicket(servicenow, answered);
    await servicenow.getByLabel('Comment').fill('It is the one on the second floor.');
    await servicenow.getByRole('button', { name: 'Post and save' }).click();
    await servicenow.getByText('Saved.').waitFor();
    await page.bringToFront();
    const stopped = await runOf(page, answered, 'Skipped');
    assert.match(stopped, /It does not wait for its caller any more/);

    await page.bringToFront();
    await closeTheDesk(page);
    await addTeams(page, world.inbox.url);
    await buildAfterHours(page);
    await inServiceNow('beth.anglin');
    const urgent = await createTicket(servicenow, {
      short: 'Mail is down',
      caller: 'Abigail Turner',
      impact: '1 - High',
      urgency: '1 - High',
    });
    await createTicket(servicenow, { short: 'Mail is a little slow', caller: 'Abigail Turner' });
    await page.bringToFront();
    await runOf(page, urgent, 'Success', 'After-hours P1');
    await servicenow.bringToFront();
    await openTicket(servicenow, urgent);
    assert.equal(await chosen(servicenow, 'Assignment group'), 'On-Call');
    assert.equal(world.inbox.messages.length, 1, 'the Teams channel heard of the P1, and of nothing else');
    const card = JSON.stringify(world.inbox.messages[0].body);
    assert.match(card, /"type":"AdaptiveCard"/);
    assert.match(card, new RegExp(`P1 after hours: ${urgent} Mail is down`));
    assert.match(card, /Caller: Abigail Turner/);

    await page.bringToFront();
    await buildApprovedRequest(page);
    await buildQuestion(page);
    await inServiceNow('beth.anglin');
    const requested = await createTicket(servicenow, { short: 'A standing desk', class: 'Requested Item', caller: 'Priya Nair' });
    await updateTicket(servicenow, { Approval: 'Requested' });
    const laptop = await createTicket(servicenow, { short: 'A laptop', class: 'Requested Item', caller: 'Omar Haddad' });
    await page.bringToFront();
    await runOf(page, requested, 'Waiting', 'Fulfil');
    await inServiceNow('abigail.turner'); // the manager
    await servicenow.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Approvals' }).click();
    await servicenow.getByRole('row', { name: requested }).getByRole('button', { name: 'Approve' }).click();
    await servicenow.getByRole('row', { name: requested }).getByText('Approved').waitFor();
    await page.bringToFront();
    await runOf(page, requested, 'Success', 'Fulfil');
    await inServiceNow('beth.anglin');
    await openTicket(servicenow, requested);
    assert.equal(await chosen(servicenow, 'Assignment group'), 'Service Desk');
    assert.equal(await chosen(servicenow, 'State'), 'Work in Progress');
    assert.match((await said(servicenow, 'comment'))[0], /Your request RITM\d+ \(A standing desk\) was approved/);

    // Neo asks, and a technician answers in the dashboard.
    await page.bringToFront();
    await open(page, 'Approvals');
    await page.getByRole('link', { name: laptop }).click();
    await page.getByText(`Order the laptop of Omar Haddad (${laptop})?`).waitFor();
    await page.getByLabel('Note').fill('The budget is there.');
    await page.getByRole('button', { name: 'Approve' }).click();
    const answer = page.getByRole('region', { name: 'Decision' });
    await answer.getByText('Approved').waitFor();
    assert.match(await answer.innerText(), /By Ada Byron[^]*The budget is there\./);
    await page.getByRole('link', { name: 'Show the run' }).click();
    await page.getByText('Success', { exact: true }).waitFor();
    const steps = page.locator('[data-step-state]');
    assert.deepEqual(await steps.evaluateAll((all) => all.map((s) => s.getAttribute('data-step-state'))), ['DONE', 'DONE', 'DONE']);
    assert.deepEqual((await changes(steps.nth(1).getByRole('table')))['Assignment group'], ['empty', 'Hardware']);
    await servicenow.bringToFront();
    await openTicket(servicenow, laptop);
    assert.match((await said(servicenow, 'note'))[0], /^Ada Byron said: The budget is there\./);

    // Three minutes later.
    await openTicket(servicenow, silent);
    await until('it is resolved', async () => (await servicenow.reload()) && (await chosen(servicenow, 'State')) === 'Resolved', 2 * CHASE);
    assert.equal(await chosen(servicenow, 'Resolution code'), 'No resolution provided');
    const [second, first, ...others] = await said(servicenow, 'comment');
    assert.match(first, /^Hello Priya Nair,\nwe still need your answer to go on with INC\d+ \(The scanner is slow\)\./);
    assert.match(second, /^Hello Priya Nair,\nthis is our second reminder\./);
    assert.deepEqual(others, []);
    await openTicket(servicenow, answered);
    assert.equal(await chosen(servicenow, 'State'), 'In Progress');
    const words = await said(servicenow, 'comment');
    assert.equal(words.length, 2, 'one reminder and the answer');
    assert.equal(words[0], 'It is the one on the second floor.');
  },
  undefined,
  600_000,
);

/** Waits of a minute, where the example has days. @param {Page} page */
async function buildChase(page) {
  await startEmpty(page, 'Chase a stale Awaiting Caller twice, then resolve');
  await change(page, 1, 'State changed', { to: 'On Hold (Incident)' });
  await change(page, 2, 'Field changed', { field: 'On hold reason (Incident)', to: 'Awaiting Caller' });
  const waiting = async (/** @type {import('playwright-core').Locator} */ where) => {
    await addRule(where, 'State', 'is', 'On Hold (Incident)');
    await addRule(where, 'On hold reason (Incident)', undefined, ['Awaiting Caller']);
  };
  await addRule(rules(page), 'Ticket Type', undefined, ['Incident']);
  await waiting(rules(page));
  const reminders = [
    'Hello {{ ticket.caller_id }},\nwe still need your answer to go on with {{ ticket.number }} ({{ ticket.short_description }}).',
    'Hello {{ ticket.caller_id }},\nthis is our second reminder. Without an answer we resolve {{ ticket.number }}; a reply opens it again.',
  ];
  for (const text of [...reminders, '']) {
    const wait = await addAction(page, 'Wait');
    await pick(wait, 'Wait', 'Until the ticket is so');
    await duration(wait, 'At most', 1, 'minutes');
    await addRule(wait, 'State', 'is not', 'On Hold (Incident)');
    const still = await addAction(page, 'Only continue if …');
    await waiting(still);
    await type(still, 'Said when it ends here', 'It does not wait for its caller any more.');
    if (text) await type(await addAction(page, 'Add client-facing note'), 'Note to the customer', text);
  }
  const resolve = await addAction(page, 'Resolve ticket');
  await pick(resolve, 'Close code', 'No resolution provided', 'No res');
  await type(resolve, 'Close notes', 'Resolved because the caller did not answer two reminders.');
  await saveEnabled(page);
}

/** @param {Page} page */
async function buildTriageNote(page) {
  await startEmpty(page, 'Triage note on new incidents and changes');
  await change(page, 1, 'Ticket created');
  await addRule(rules(page), 'Ticket Type', undefined, ['Incident', 'Change request']);
  await type(
    await addAction(page, 'Add work note'),
    'Work note',
    [
      'Triage',
      'What: {{ ticket.short_description }}',
      'Priority: {{ ticket.priority }}',
      'Group: {{ ticket.assignment_group | default: "none yet" }}',
      'Configuration item: {{ ticket.cmdb_ci | default: "not given" }}',
    ].join('\n'),
  );
  await saveEnabled(page);
}

/** @param {Page} page */
async function buildAfterHours(page) {
  await startEmpty(page, 'After-hours P1 to the on-call group');
  await change(page, 1, 'Ticket created');
  await change(page, 2, 'Priority raised');
  await addRule(rules(page), 'Ticket Type', undefined, ['Incident']);
  await addRule(rules(page), 'Priority', undefined, ['1 - Critical']);
  const assign = await addAction(page, 'Assign ticket');
  await pick(assign, 'Group', 'On-Call', 'on-');
  const message = await addAction(page, 'Send message');
  await pick(message, 'Endpoint', 'On call · Teams');
  await type(message, 'Message', 'P1 after hours: ');
  await insert(message, 'Message', 'Number');
  const text = message.getByRole('textbox', { name: 'Message', exact: true });
  await text.press('End');
  await text.pressSequentially(' {{ ticket.short_description }}\nCaller: {{ ticket.caller_id }}');
  await type(await addAction(page, 'Add work note'), 'Work note', 'Given to On-Call, and the on-call channel was told.');
  await flip(page, 'Run once per ticket');
  await page.getByRole('radiogroup', { name: 'When it runs' }).getByText('After hours').click();
  await saveEnabled(page);
}

/** @param {Page} page */
async function buildApprovedRequest(page) {
  await startEmpty(page, 'Fulfil a requested item once it is approved');
  await change(page, 1, 'Ticket created');
  await change(page, 2, 'Approval changed');
  await addRule(rules(page), 'Ticket Type', undefined, ['Request item']);
  await addRule(rules(page), 'Approval', undefined, ['Requested']);
  await type(await addAction(page, 'Add work note'), 'Work note', 'Needs an approval. Neo goes on when it is there.');
  const wait = await addAction(page, 'Wait');
  await pick(wait, 'Wait', 'Until the ticket is so');
  await duration(wait, 'At most', 7, 'days');
  await addRule(wait, 'Approval', 'is one of', ['Approved', 'Rejected']);
  const approved = await addAction(page, 'Only continue if …');
  await addRule(approved, 'Approval', undefined, ['Approved']);
  await type(approved, 'Said when it ends here', 'It was not approved: the approval is {{ ticket.approval }}.');
  await pick(await addAction(page, 'Assign ticket'), 'Group', 'Service Desk', 'serv');
  const update = await addAction(page, 'Update ticket fields');
  await pick(update, 'Add a field', 'State', 'State');
  await pick(update, 'State', 'Work in Progress (Request item)', 'Work in');
  await type(
    await addAction(page, 'Add client-facing note'),
    'Note to the customer',
    'Your request {{ ticket.number }} ({{ ticket.short_description }}) was approved. We are working on it.',
  );
  await flip(page, 'Run once per ticket');
  await saveEnabled(page);
}

/** @param {Page} page */
async function buildQuestion(page) {
  await startEmpty(page, 'Ask before a laptop is ordered');
  await change(page, 1, 'Ticket created');
  await addRule(rules(page), 'Ticket Type', undefined, ['Request item']);
  await addRule(rules(page), 'Short description', 'contains', 'laptop');
  const ask = await addAction(page, 'Ask a technician for approval');
  await type(ask, 'Question', 'Order the laptop of {{ ticket.requested_for }} ({{ ticket.number }})?');
  await duration(ask, 'Deadline', 2, 'days');
  await type(ask, 'Step name', 'order');
  await pick(await addAction(page, 'Assign ticket'), 'Group', 'Hardware', 'hard');
  const note = await addAction(page, 'Add work note');
  await type(note, 'Work note', '{{ steps.order.by }} said: {{ steps.order.comment }}');
  await saveEnabled(page);
}

/** Business hours that are over: they are on another day. @param {Page} page */
async function closeTheDesk(page) {
  await open(page, 'Settings');
  const days = page.getByRole('group', { name: 'Business days' }).getByRole('checkbox');
  const other = new Date(Date.now() + 3 * 86_400_000).toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' });
  await days.first().waitFor({ state: 'attached' });
  for (const day of await days.all()) {
    const wanted = (await day.getAttribute('aria-label')) === other;
    if ((await day.isChecked()) !== wanted) await day.press('Space');
  }
  await page.getByText('Outside business hours', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Save settings' }).click();
  await page.getByText('They hold for all workflows from now on.').waitFor();
}

/** @param {Page} page @param {string} url */
async function addTeams(page, url) {
  await open(page, 'Settings');
  await page.getByRole('tab', { name: 'Message endpoints' }).click();
  await page.getByRole('button', { name: 'Add endpoint' }).click();
  const form = page.getByRole('dialog', { name: 'Add a message endpoint' });
  await form.getByLabel('Name', { exact: true }).fill('On call');
  await form.getByText('Microsoft Teams', { exact: true }).click();
  await form.getByLabel('Address', { exact: true }).fill(url);
  await form.getByRole('button', { name: 'Add endpoint' }).click();
  await page.getByRole('list', { name: 'Message endpoints' }).getByText('On call').waitFor();
}

/**
 * Inserts a name at the end of a template.
 * @param {import('playwright-core').Locator} form
 * @param {string} text the template's label
 * @param {string} name as the menu has it
 */
async function insert(form, text, name) {
  const area = form.getByRole('textbox', { name: text, exact: true });
  await area.press('End');
  await form.getByRole('button', { name: `Insert into ${text}` }).click();
  await form.page().getByLabel(`Search what to insert into ${text}`).fill(name);
  await form.page().getByRole('option', { name, exact: true }).click();
  await until('it is inserted', async () => (await area.inputValue()).includes('{{'));
}

/** What is chosen in a list of the instance's form. @param {Page} page @param {string} label */
function chosen(page, label) {
  return page.getByLabel(label, { exact: true }).locator('option:checked').innerText();
}

/**
 * Waits in the Event History until a run on a ticket has an outcome.
 * @param {Page} page
 * @param {string} number
 * @param {string} outcome
 * @param {string} [workflow]
 * @returns {Promise<string>} what the entry says
 */
async function runOf(page, number, outcome, workflow = '') {
  await open(page, 'Event History');
  const entry = historyRows(page)
    .filter({ hasText: number })
    .filter({ hasText: 'Workflow Execution' })
    .filter({ hasText: workflow })
    .filter({ hasText: outcome });
  await entry.waitFor();
  return entry.innerText();
}

/**
 * Asks the event of a new ticket why a workflow did not run.
 * @param {Page} page
 * @param {string} number
 * @param {string} workflow
 * @param {RegExp} wanted the comparison that failed
 */
async function whyNot(page, number, workflow, wanted) {
  await open(page, 'Event History');
  await historyRows(page).filter({ hasText: number }).filter({ hasText: 'Entity Created' }).getByRole('link').first().click();
  await page.getByRole('button', { name: 'Show why' }).click();
  const line = page.getByRole('list', { name: 'Workflows' }).getByRole('listitem').filter({ hasText: workflow });
  await line.getByRole('button').click();
  const row = line.getByRole('table', { name: 'Comparisons' }).getByRole('row').filter({ hasText: wanted });
  await row.getByRole('img', { name: 'no' }).waitFor();
  await open(page, 'Event History');
}
