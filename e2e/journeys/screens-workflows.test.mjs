import assert from 'node:assert/strict';
import { allow, beSetUp, connect, open, read, saveWorkflow } from '../harness/dashboard.mjs';
import { createTicket, signInAs } from '../harness/instance.mjs';
import { journey } from '../harness/journey.mjs';
import { look } from '../harness/look.mjs';
import { until } from '../harness/until.mjs';

const created = { trigger_type: 'TRIGGERED', target_changes: [{ change_type: 'TICKET_CREATED' }] };
const about = (/** @type {string} */ word) => ({
  combinator: 'and',
  rules: [
    { field: 'ticket_type', operator: 'in', value: 'incident' },
    { field: 'short_description', operator: 'contains', value: word },
  ],
});
const note = { type: 'ADD_WORK_NOTE', config: { text: 'Neo looked at {{ ticket.number }}.' } };
const assign = { type: 'ASSIGN_TICKET', config: { group: 'Network' } };

/** The pages and panels of workflows, with what is typical on each. */
journey('every screen of workflows, wide and narrow, light and dark', async ({ world, context, page, allowErrors }) => {
  allowErrors(/status of 400 .*workflows\/count/);
  /** @type {string[]} */
  const wrong = [];
  const see = async (/** @type {string} */ name) => wrong.push(...(await look(page, name)));
  const tab = (/** @type {string} */ name) => page.getByRole('tab', { name, exact: true }).click();
  const close = () => page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).click();

  await beSetUp(context, world);
  await page.goto(world.url);
  await open(page, 'Approvals');
  await page.getByText('Nothing waits for an answer').waitFor();
  await see('approvals-empty');
  await open(page, 'Scheduled Work');
  await page.getByText('Nothing is scheduled').waitFor();
  await see('scheduled-work-empty');
  await open(page, 'Settings');
  await page.getByRole('button', { name: 'Save settings' }).waitFor();
  await see('settings-hours');
  await tab('Message endpoints');
  await page.getByText('No message endpoints yet').waitFor();
  await see('settings-endpoints-empty');
  await page.getByRole('button', { name: 'Add endpoint' }).click();
  const form = page.getByRole('dialog', { name: 'Add a message endpoint' });
  await form.getByText('HTTPS', { exact: true }).click();
  await form.getByRole('button', { name: 'Add header' }).click();
  await form.getByLabel('Name', { exact: true }).fill('On call');
  await see('settings-new-endpoint');
  await form.getByLabel('Address', { exact: true }).fill(world.inbox.url);
  await form.getByRole('button', { name: 'Add endpoint' }).click();
  await page.getByRole('list', { name: 'Message endpoints' }).waitFor();
  await see('settings-endpoints');
  await tab('API keys');
  await page.getByRole('button', { name: 'Create API key' }).click();
  const key = page.getByRole('dialog');
  await key.getByLabel('Name', { exact: true }).fill('CI of the workflows');
  await key.getByRole('button', { name: 'Create key' }).click();
  await key.getByText(/^neo_sk_/).waitFor();
  await see('settings-api-key-once');
  await key.getByRole('button', { name: 'I have it' }).click();
  await page.getByRole('list', { name: 'API keys' }).waitFor();
  await see('settings-api-keys');

  await connect(page, world);
  await allow(page, 'READ_ONLY');
  await page.reload();
  const panel = page.getByRole('region', { name: 'Permissions' });
  await page.getByText('Neo can read and not write yet:').waitFor();
  await see('permissions-read-only');
  await panel.getByRole('button', { name: 'Full access' }).click();
  await panel.getByRole('switch', { name: 'Ask a technician first: Work Notes' }).press('Space');
  await panel.getByText(/changed and not saved/).waitFor();
  await see('permissions-changed');
  await panel.getByRole('button', { name: 'Save permissions' }).click();
  await panel.getByText(/changed and not saved/).waitFor({ state: 'detached' });

  await saveWorkflow(page, { name: 'Ask first', ...created, conditions: about('laptop'), actions: [assign, note] });
  await saveWorkflow(page, { name: 'Only watch', ...created, conditions: about('Wi-Fi'), actions: [assign, note], shadow: true });
  await saveWorkflow(page, { name: 'Give it to Network', ...created, conditions: about('switch'), actions: [assign] });
  await saveWorkflow(page, {
    name: 'Wait and see',
    description: 'Waits until somebody has taken it.',
    ...created,
    conditions: about('slow'),
    actions: [
      {
        type: 'WAIT',
        config: { for_minutes: 1440, until_rule: { combinator: 'and', rules: [{ field: 'assigned_to', operator: 'notNull' }] } },
      },
      { type: 'CONTINUE_IF', name: 'check', config: { conditions: about('slow'), message: 'It is fast again.' } },
      { type: 'SEND_MESSAGE', config: { endpoint: 'On call', text: '{{ ticket.number }} is slow' } },
      {
        type: 'REQUEST_TECHNICIAN_APPROVAL',
        name: 'ask',
        config: { text: 'Escalate {{ ticket.number }}?', deadline_minutes: 120, on_deadline: 'REJECT' },
      },
      { type: 'UPDATE_TICKET_FIELDS', config: { fields: { urgency: '1' } } },
    ],
  });
  const servicenow = await context.newPage();
  await signInAs(servicenow, world.instance.url, 'beth.anglin');
  const numbers = [];
  for (const short of ['A laptop is gone', 'Wi-Fi is weak', 'The mail is slow', 'The switch is off']) numbers.push(await createTicket(servicenow, { short }));
  const [laptop, wifi, mail, off] = numbers;
  await page.bringToFront();
  const runs = Object.fromEntries(
    await Promise.all(
      Object.entries({ [laptop]: 'WAITING', [wifi]: '', [mail]: 'WAITING', [off]: 'SUCCESS' }).map(async ([number, outcome]) => {
        const run = await until(`the run on ${number}`, async () => {
          const [entry] = await read(page, `/api/v1/history?ticket=${number}&type=WORKFLOW_EXECUTION`);
          return entry && (!outcome || entry.outcome === outcome) && entry;
        });
        return [number, run.id];
      }),
    ),
  );
  for (const [name, number] of Object.entries({ 'run-asks': laptop, 'run-shadow': wifi, 'run-waits': mail })) {
    await page.goto(`${world.url}/runs/${runs[number]}`);
    await page.locator('[data-step-state]').first().waitFor();
    await see(name);
  }
  await page.goto(`${world.url}/runs/${runs[off]}`);
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await page.getByRole('dialog').waitFor();
  await see('run-undo');
  await page.getByRole('button', { name: 'Undo the run' }).click();
  await page.getByText('This run is an undo').waitFor();
  await page.getByText('Success', { exact: true }).waitFor();
  await see('run-undone');

  await open(page, 'Approvals');
  await page.getByRole('list', { name: 'Approvals' }).waitFor();
  await see('approvals');
  await page.getByRole('link', { name: laptop }).click();
  await page.getByRole('button', { name: 'Approve' }).waitFor();
  await see('approval');
  await page.getByLabel('Note').fill('Not today.');
  await page.getByRole('button', { name: 'Reject' }).click();
  await page.getByRole('region', { name: 'Decision' }).getByText('Rejected').waitFor();
  await see('approval-decided');

  await open(page, 'Scheduled Work');
  await page.getByRole('button', { name: 'Schedule new work' }).click();
  await page.getByRole('dialog').getByLabel('Ticket number').fill(off);
  await see('scheduled-work-new');
  await page.getByRole('dialog').getByRole('combobox', { name: 'Workflow' }).click();
  await page.getByRole('option', { name: 'Give it to Network' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Schedule', exact: true }).click();
  await page.getByRole('list', { name: 'Scheduled work' }).waitFor();
  await see('scheduled-work');
  await open(page, 'Workflows');
  await page.getByRole('list', { name: 'Workflows', exact: true }).waitFor();
  await see('workflows-several');

  await page.getByRole('link', { name: 'Wait and see' }).click();
  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByRole('region', { name: /^Step 5:/ }).waitFor();
  await see('editor-full');
  await page.getByRole('button', { name: 'Test on a ticket…' }).click();
  await page.getByRole('dialog').getByLabel('Ticket number').fill(mail);
  await page.getByRole('dialog').getByRole('button', { name: 'Test', exact: true }).click();
  await page.getByRole('list', { name: 'Steps of the test' }).waitFor();
  await see('trying-test');
  await close();
  await page.getByRole('button', { name: 'Backtest…' }).click();
  await page.getByRole('button', { name: 'Run backtest' }).click();
  await page.getByRole('list', { name: 'Cases' }).waitFor();
  await see('trying-backtest');
  await close();
  await page.getByRole('button', { name: 'Versions…' }).click();
  await page.getByRole('list', { name: 'Versions of the workflow' }).getByRole('button').first().click();
  await page.getByRole('heading', { name: 'What it does' }).waitFor();
  await see('trying-versions');
  await close();
  await page.goto(`${world.url}/events?type=WORKFLOW_EXECUTION`);
  await page.getByRole('table', { name: 'Events' }).waitFor();
  await see('event-history-filtered');

  assert.equal(wrong.length, 0, `screens do not keep to the basics:\n${wrong.join('\n')}`);
});
