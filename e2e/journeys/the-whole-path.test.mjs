import assert from 'node:assert/strict';
import {
  allow,
  banner,
  changes,
  choose,
  createWorkflow,
  fillConnectForm,
  historyRows,
  mark,
  open,
  openConnectForm,
  pressConnect,
  setUp,
  signIn,
  signOut,
} from '../harness/dashboard.mjs';
import { consent, createTicket, signInAs } from '../harness/instance.mjs';
import { journey } from '../harness/journey.mjs';
import { until } from '../harness/until.mjs';

const note = 'Neo sent this to Network, because its category is Network.';
const workflow = {
  name: 'Network first',
  description: 'Network tickets are urgent and belong to Network.',
  trigger_type: 'TRIGGERED',
  target_changes: [{ change_type: 'TICKET_CREATED' }],
  conditions: { combinator: 'and', rules: [{ field: 'category', operator: '=', value: 'network' }] },
  actions: [
    { type: 'ASSIGN_TICKET', config: { group: 'Network' } },
    { type: 'UPDATE_TICKET_FIELDS', config: { fields: { urgency: '1' } } },
    { type: 'ADD_WORK_NOTE', config: { text: note } },
  ],
};

journey('from the setup link to a ticket that Neo has changed', async ({ world, page, context }) => {
  // The first administrator, who then signs in like everyone else.
  await setUp(page, world);
  await signOut(page);
  await signIn(page);

  // Connecting, with what the simulator prints.
  await openConnectForm(page);
  assert.equal(await page.getByLabel('Redirect URL').inputValue(), `${world.url}/oauth/servicenow/callback`);
  await fillConnectForm(page, world.instance);
  const popup = await pressConnect(page);
  await consent(popup);

  await banner(page).waitFor();
  await banner(page).getByRole('link', { name: world.instance.url }).waitFor();
  await banner(page).getByText('Simulated instance').waitFor();
  await page.getByText('neo.agent', { exact: true }).waitFor();
  await page.getByText(/^[0-9a-f]{32}$/).first().waitFor();
  await page.locator('[data-check-state=running]').waitFor({ state: 'detached' });
  await page.getByRole('region', { name: 'Health' }).waitFor();
  const checks = await page.locator('[data-check]').evaluateAll((all) => all.map((c) => c.getAttribute('data-check-state')));
  assert.ok(checks.length >= 5, `${checks.length} checks are shown`);
  // One warning: the account is an administrator still, which it need not be any more.
  assert.deepEqual(checks.filter((state) => state !== 'ok'), ['warning']);

  await allow(page);

  // A workflow, pasted and switched on.
  await createWorkflow(page, workflow);
  const enabled = page.getByRole('switch', { name: 'Disabled' });
  await enabled.click();
  await page.getByRole('switch', { name: 'Enabled' }).waitFor();

  // The Event History is open while somebody works in ServiceNow.
  await open(page, 'Event History');
  await page.getByText('Nothing has happened yet').waitFor();
  await page.getByRole('status').filter({ hasText: 'Updates by itself' }).waitFor();
  const notReloaded = await mark(page);

  const servicenow = await context.newPage();
  await signInAs(servicenow, world.instance.url, 'beth.anglin');
  const printer = await createTicket(servicenow, { short: 'The printer is out of paper', category: 'Hardware' });
  const wifi = await createTicket(servicenow, { short: 'No Wi-Fi in the canteen', category: 'Network' });

  await page.bringToFront(); // a page behind another one is drawn once a second
  const rows = historyRows(page);
  const created = rows.filter({ hasText: wifi }).filter({ hasText: 'Entity Created' });
  const executed = rows.filter({ hasText: wifi }).filter({ hasText: 'Workflow Execution' });
  await created.waitFor();
  await executed.filter({ hasText: 'Success' }).waitFor();
  assert.match(await executed.innerText(), /Network first/);
  await rows.filter({ hasText: printer }).waitFor();
  await notReloaded();

  // Filters: each one narrows what is shown.
  await page.getByRole('searchbox', { name: 'Ticket' }).fill(printer);
  await rowsAre(rows, [printer]);
  assert.equal(new URL(page.url()).searchParams.get('ticket'), printer);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await created.waitFor();
  await choose(page, 'Type', 'Workflow Execution');
  await rowsAre(rows, [wifi]);
  await choose(page, 'Outcome', 'Failure');
  await page.getByText('No event matches these filters').waitFor();
  await choose(page, 'Outcome', 'Success');
  await rowsAre(rows, [wifi]);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await created.waitFor();
  await notReloaded();

  // Why Neo acted.
  await created.getByRole('link', { name: wifi }).click();
  await page.getByRole('heading', { level: 1, name: `${wifi} created` }).waitFor();
  await page.getByText('A workflow concerned this change and was carried out.').waitFor();
  await page.getByText('Sent by the ticket system (webhook)').waitFor();

  // What Neo did: every step with before and after.
  await page.getByRole('list', { name: 'Runs' }).getByRole('link', { name: 'Network first' }).click();
  await page.getByRole('heading', { level: 1, name: `Network first on ${wifi}` }).waitFor();
  const steps = page.locator('[data-step-state]');
  assert.deepEqual(await steps.evaluateAll((all) => all.map((s) => s.getAttribute('data-step-state'))), ['DONE', 'DONE', 'DONE']);
  const [assign, update, add] = await steps.all();
  assert.match(await assign.innerText(), /Assign to Network/);
  assert.deepEqual((await changes(assign.getByRole('table')))['Assignment group'], ['empty', 'Network']);
  assert.deepEqual((await changes(update.getByRole('table'))).Urgency, ['3 - Low', '1 - High']);
  assert.match(await add.innerText(), new RegExp(note));
  await notReloaded();

  // The same in ServiceNow.
  await servicenow.bringToFront();
  await servicenow.reload();
  assert.equal(await servicenow.getByLabel('Assignment group').locator('option:checked').innerText(), 'Network');
  assert.equal(await servicenow.getByLabel('Urgency').inputValue(), '1');
  const notes = servicenow.getByRole('complementary', { name: 'Activity' }).locator('li.note');
  assert.equal(await notes.count(), 1);
  assert.ok((await notes.locator('.text').innerText()).startsWith(`${note}\n— Neo Agent`));
  assert.match(await notes.locator('.by').innerText(), /Neo Agent/);

  // The event also tells what the ticket was created with.
  await page.bringToFront();
  await page.getByRole('link', { name: 'The change that matched' }).click();
  const createdWith = page.locator('.mantine-Card-root', { hasText: 'What it was created with' });
  await createdWith.waitFor();
  assert.match(await createdWith.innerText(), /Category[^]*Network/);

  // Dark, and it stays dark.
  await page.getByRole('button', { name: 'Switch to dark theme' }).click();
  const dark = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  await until('the dashboard is dark', async () => (await dark()) === 'dark');
  await page.reload();
  await page.getByRole('heading', { level: 1, name: `${wifi} created` }).waitFor();
  assert.equal(await dark(), 'dark');
});

/**
 * Waits until these tickets are shown, each in one row, and no others.
 * @param {import('playwright-core').Locator} rows
 * @param {string[]} numbers
 */
async function rowsAre(rows, numbers) {
  await until(`the rows of ${numbers}`, async () => {
    const texts = await rows.allInnerTexts();
    return texts.length === numbers.length && texts.every((text, i) => text.includes(numbers[i]));
  });
}
