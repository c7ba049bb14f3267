import assert from 'node:assert/strict';
import { beSetUp, connect, historyRows, read, saveWorkflow } from '../harness/dashboard.mjs';
import { createTicket, signInAs } from '../harness/instance.mjs';
import { journey } from '../harness/journey.mjs';
import { until } from '../harness/until.mjs';

/** As people paste them: a path, in which nothing can be broken. */
const path = `\\\\fileserver.intranet.example.com\\departments\\accounting\\${'quarterly_report_'.repeat(4)}.xlsx`;

journey('a long path in a ticket stays on the page', async ({ world, context, page }) => {
  await beSetUp(context, world);
  await connect(page, world);
  await saveWorkflow(page, {
    name: 'Note every ticket',
    trigger_type: 'TRIGGERED',
    target_changes: [{ change_type: 'TICKET_CREATED' }],
    conditions: { combinator: 'and', rules: [] },
    actions: [{ type: 'ADD_WORK_NOTE', config: { text: `Seen: ${path}` } }],
  });
  const servicenow = await context.newPage();
  await signInAs(servicenow, world.instance.url, 'beth.anglin');
  const number = await createTicket(servicenow, { short: `Cannot open ${path}` });
  const ticket = servicenow.url();

  /** @type {string[]} */
  const wide = [];
  /** @param {string} name @param {import('playwright-core').Page} [on] */
  const measure = async (name, on = page) => {
    for (const width of [1280, 390]) {
      await on.setViewportSize({ width, height: 860 });
      const needed = await on.evaluate(() => document.documentElement.scrollWidth);
      if (needed > width) wide.push(`${name} needs ${needed} of ${width}`);
    }
    await on.setViewportSize({ width: 1280, height: 860 });
  };
  const noted = await until('Neo’s note comes back as an event', async () => {
    const all = await read(page, `/api/v1/history?ticket=${number}`);
    return all.length >= 3 && all;
  });
  const idOf = (/** @type {string} */ type) => noted.find((/** @type {{type: string}} */ e) => e.type === type).id;

  await page.bringToFront();
  await page.goto(`${world.url}/events`);
  await historyRows(page).filter({ hasText: number }).first().waitFor();
  await measure('the Event History');
  for (const [name, address, heading] of [
    ['the event', `/events/${idOf('ENTITY_CREATED')}`, `${number} created`],
    ['the event of Neo’s note', `/events/${idOf('ENTITY_UPDATED')}`, `${number} updated`],
    ['the run', `/runs/${idOf('WORKFLOW_EXECUTION')}`, `Note every ticket on ${number}`],
  ]) {
    await page.goto(world.url + address);
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
    await measure(name);
  }
  await servicenow.bringToFront();
  await servicenow.goto(ticket);
  await measure('the ticket in the instance', servicenow);
  await servicenow.goto(world.instance.url);
  await measure('the tickets in the instance', servicenow);
  assert.deepEqual(wide, [], 'nothing scrolls sideways');
});

journey('the dialog that asks before a workflow is deleted', async ({ world, context, page }) => {
  await beSetUp(context, world);
  await page.goto(world.url);
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  const definition = {
    name: 'Short-lived',
    trigger_type: 'TRIGGERED',
    target_changes: [{ change_type: 'TICKET_CREATED' }],
    conditions: { combinator: 'and', rules: [] },
    actions: [{ type: 'ADD_WORK_NOTE', config: { text: 'Seen' } }],
  };
  await saveWorkflow(page, definition, false);
  await page.goto(`${world.url}/workflows`);
  await page.getByRole('link', { name: 'Short-lived' }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete “Short-lived”?' });
  await dialog.waitFor();
  const nameless = await dialog.getByRole('button', { name: /^$/ }).count();
  await dialog.getByRole('button', { name: 'Delete workflow' }).click();
  await page.getByText('No workflows yet').waitFor();
  assert.equal(nameless, 0, 'every button of the dialog has a name');
});
