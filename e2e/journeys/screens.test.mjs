import assert from 'node:assert/strict';
import {
  asJson,
  beSetUp,
  connect,
  connectForm,
  fillConnectForm,
  historyRows,
  open,
  openConnectForm,
  pressConnect,
  read,
  saveWorkflow,
  signIn,
} from '../harness/dashboard.mjs';
import { administer, consent, createOverAPI, createTicket, logIn, setFaults, signInAs } from '../harness/instance.mjs';
import { journey } from '../harness/journey.mjs';
import { look } from '../harness/look.mjs';
import { until } from '../harness/until.mjs';

/** Every screen with what is typical on it. The order is a life: from nothing to a filled history. */
journey('every screen, wide and narrow, light and dark', async ({ world, context, page, allowErrors }) => {
  allowErrors(/status of (401 .*session|400 .*connect|422 .*workflows|404 .*(events|nowhere))/); // screens that show a refusal
  /** @type {string[]} */
  const wrong = [];
  const see = async (/** @type {string} */ name, on = page) => wrong.push(...(await look(on, name)));
  const glance = async (/** @type {string} */ name, /** @type {import('playwright-core').Page} */ on) =>
    wrong.push(...(await look(on, name, ['wide-light', 'narrow-dark'])));
  const heading = (/** @type {string | RegExp} */ name, on = page) => on.getByRole('heading', { name, level: 1 }).waitFor();

  await page.goto(world.url);
  await heading('Set up Neo Agent');
  await see('set-up-without-link');
  await page.goto(world.setupLink);
  await page.getByLabel('E-mail').waitFor();
  await see('set-up');

  await beSetUp(context, world);
  await context.clearCookies();
  await page.goto(world.url);
  await signIn(page, { email: 'ada@example.com', password: 'wrong' });
  await page.getByRole('alert').waitFor();
  await see('sign-in');

  await signIn(page);
  await heading('Integrations');
  await see('integrations-directory');
  await page.getByRole('tab', { name: 'Connections' }).click();
  await page.getByText('Nothing is connected yet').waitFor();
  await see('integrations-empty');
  await page.goto(`${world.url}/workflows`);
  await page.getByText('No workflows yet').waitFor();
  await see('workflows-empty');
  await page.goto(`${world.url}/events`);
  await page.getByText('Nothing has happened yet').waitFor();
  await see('event-history-empty');

  await openConnectForm(page);
  await see('connect-form');
  await fillConnectForm(page, { ...world.instance, url: 'https://acme.example.com' });
  await connectForm(page).button.click();
  await page.getByText(/^instance_url must be/).waitFor();
  await see('connect-invalid-url');
  await fillConnectForm(page, { ...world.instance, clientSecret: 'not-the-secret' });
  const popup = await pressConnect(page);
  await popup.getByRole('heading', { name: 'Log in', level: 1 }).waitFor();
  await glance('instance-log-in', popup);
  await logIn(popup, 'neo.agent');
  await popup.getByRole('button', { name: 'Allow' }).waitFor();
  await glance('instance-consent', popup);
  await see('connect-waiting');
  await popup.bringToFront();
  await consent(popup);
  await page.getByText('OAuth callback failed: invalid_client').waitFor();
  await see('connect-failed');

  await connect(page, world);
  await see('connected');
  await page.getByRole('button', { name: 'Reconnect' }).click();
  await see('reconnect');
  await open(page, 'Integrations');
  await page.getByRole('tab', { name: 'Connections' }).click();
  await page.getByText(/Neo acts as/).waitFor();
  await see('integrations-connected');

  // Workflows.
  await page.goto(`${world.url}/workflows/new`);
  await page.getByRole('link', { name: 'Start empty' }).waitFor();
  await see('workflow-templates');
  await page.getByRole('link', { name: 'Start empty' }).click();
  await page.getByRole('button', { name: 'Add action' }).waitFor();
  await see('workflow-new');
  const template = {
    name: 'Route network incidents',
    description: 'Sends new network incidents to the Network group and leaves a note about it.',
    trigger_type: 'TRIGGERED',
    target_changes: [{ change_type: 'TICKET_CREATED' }],
    conditions: {
      combinator: 'and',
      rules: [
        { field: 'ticket_type', operator: '=', value: 'incident' },
        { field: 'category', operator: '=', value: 'network' },
      ],
    },
    actions: [
      { type: 'UPDATE_TICKET_FIELDS', config: { fields: { urgency: '2' } } },
      { type: 'ASSIGN_TICKET', config: { group: 'Network' } },
      { type: 'ADD_WORK_NOTE', config: { text: 'Neo assigned this incident to the Network group.' } },
    ],
  };
  const editor = await asJson(page);
  await editor.fill('{\n  "name": "Route network incidents",\n  "actions": [\n    oops\n  ]\n}');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(/^This is not valid JSON/).first().waitFor();
  await see('workflow-invalid-json');
  await editor.fill(JSON.stringify({ ...template, target_changes: [{ change_type: 'TICKET_MELTED' }], actions: [{ type: 'DANCE' }] }, null, 2));
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('The workflow was not saved').waitFor();
  await see('workflow-refused');
  await editor.fill(JSON.stringify(template, null, 2));
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('switch', { name: 'Disabled' }).click();
  await page.getByRole('switch', { name: 'Enabled' }).waitFor();
  await page.getByText('Form', { exact: true }).click();
  await page.getByRole('region', { name: 'Step 3: Add work note' }).waitFor();
  await see('workflow-editor');
  await page.getByRole('link', { name: 'Workflow', exact: true }).click();
  await page.getByRole('heading', { name: 'What it does' }).waitFor();
  await see('workflow');
  const fails = {
    ...template,
    name: 'Hand printers to a team that is gone',
    description: undefined,
    conditions: { combinator: 'and', rules: [{ field: 'category', operator: '=', value: 'hardware' }] },
    actions: [{ type: 'ASSIGN_TICKET', config: { group: 'Printer Heroes' } }],
  };
  await saveWorkflow(page, fails);
  await saveWorkflow(page, { ...fails, name: 'Not in use yet' }, false);

  // Tickets, in the instance.
  const servicenow = await context.newPage();
  await signInAs(servicenow, world.instance.url, 'beth.anglin');
  await glance('instance-tickets', servicenow);
  await servicenow.getByRole('link', { name: 'New ticket' }).first().click();
  await heading('New ticket', servicenow);
  await glance('instance-new-ticket', servicenow);
  const printer = await createTicket(servicenow, { short: 'The printer is out of paper', category: 'Hardware' });
  const wifi = await createTicket(servicenow, { short: 'No Wi-Fi in the canteen, and the people who sit there cannot work', category: 'Network' });
  await page.bringToFront();
  await open(page, 'Event History');
  const rows = historyRows(page);
  const run = (/** @type {string} */ number, /** @type {string} */ outcome) =>
    rows.filter({ hasText: number }).filter({ hasText: 'Workflow Execution' }).filter({ hasText: outcome });
  await run(wifi, 'Success').waitFor();
  await run(printer, 'Failure').waitFor();
  await see('event-history');
  await page.goto(`${world.url}/events?ticket=INC999`);
  await page.getByText('No event matches these filters').waitFor();
  await see('event-history-filtered-empty');

  const [succeeded] = await read(page, `/api/v1/history?ticket=${wifi}&type=WORKFLOW_EXECUTION`);
  const [failed] = await read(page, `/api/v1/history?ticket=${printer}&type=WORKFLOW_EXECUTION`);
  const [createdEvent] = await read(page, `/api/v1/history?ticket=${wifi}&type=ENTITY_CREATED`);
  const [ownWrite] = await until('Neo’s own writes came back', async () => {
    const all = await read(page, `/api/v1/history?ticket=${wifi}&type=ENTITY_UPDATED`);
    return all.length > 0 && all;
  });
  for (const [name, path] of Object.entries({
    event: `/events/${createdEvent.id}`,
    'event-own-write': `/events/${ownWrite.id}`,
    run: `/runs/${succeeded.id}`,
    'run-failed': `/runs/${failed.id}`,
    'event-not-found': '/events/nowhere',
    'not-found': '/nowhere',
    workflows: '/workflows',
  })) {
    await page.goto(world.url + path);
    await page.getByRole('status', { name: 'Loading' }).waitFor({ state: 'detached' });
    await heading(/./);
    await see(name);
  }

  await page.goto(`${world.url}/events/${createdEvent.id}`);
  await page.getByRole('button', { name: 'Show why' }).click();
  const why = page.getByRole('list', { name: 'Workflows' });
  await why.getByText('Ran', { exact: true }).first().waitFor();
  for (const line of await why.getByRole('button').all()) await line.click();
  await why.getByText('Open the execution').first().waitFor();
  await see('event-why');

  // A bad day: nothing is delivered, and an administrator takes the rule away while Neo may not plant.
  await page.goto(`${world.url}/alerts`);
  await page.getByText('Nothing needs you').waitFor();
  await see('alerts-empty');
  await setFaults(world.instance.url, { deliveries_lost: 1 });
  for (let n = 0; n < 4; n++) await createOverAPI(world.instance.url, `Lost ${n}`);
  await administer(world.instance.url, 'remove_role', { user: 'neo.agent', role: 'admin' });
  await administer(world.instance.url, 'run_background_script', {
    user: 'admin',
    script: "var r = new GlideRecord('sys_script'); r.addQuery('name', 'CONTAINS', 'Neo Agent'); r.query(); while (r.next()) r.deleteRecord();",
  });
  await page.goto(`${world.url}/integrations/servicenow`);
  await page.getByRole('button', { name: 'Check now' }).click();
  await page.getByText('Connected; one step is left').waitFor();
  await page.getByRole('button', { name: 'Prepare the files' }).click();
  await page.getByRole('tab', { name: 'Background script' }).click();
  await page.getByText('Run script').waitFor();
  await see('set-up-by-hand');
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByRole('dialog').waitFor();
  await see('disconnect');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.goto(`${world.url}/alerts`);
  await page.getByRole('article').first().waitFor();
  await see('alerts');

  await servicenow.bringToFront();
  await servicenow.reload();
  await heading(/No Wi-Fi/, servicenow);
  await glance('instance-ticket', servicenow);
  await signInAs(servicenow, world.instance.url, 'admin');
  for (const [name, path] of Object.entries({
    'instance-rules': '/rules',
    'instance-properties': '/properties',
    'instance-oauth': '/oauth',
    'instance-users': '/users',
    'instance-log': '/log',
    'instance-outbox': '/outbox',
    'instance-update-sets': '/update_sets',
    'instance-scripts': '/scripts_background',
    'instance-faults': '/simulator',
    'instance-not-found': '/nowhere',
  })) {
    await servicenow.goto(world.instance.url + path);
    await heading(/./, servicenow);
    await glance(name, servicenow);
  }

  assert.equal(wrong.length, 0, `screens do not keep to the basics:\n${wrong.join('\n')}`);
});
