import assert from 'node:assert/strict';
import { banner, beSetUp, connect, connectForm, historyRows, open, pressConnect, read } from '../harness/dashboard.mjs';
import { changeApp, consent, createTicket, signInAs } from '../harness/instance.mjs';
import { journey } from '../harness/journey.mjs';

journey('the client secret was regenerated in ServiceNow', async ({ world, context, page }) => {
  await beSetUp(context, world);
  await connect(page, world);
  const [before] = await read(page, '/api/v1/integrations');

  const servicenow = await context.newPage();
  const clientSecret = 'regenerated-secret';
  await changeApp(servicenow, world.instance.url, world.instance, { clientSecret });

  await page.bringToFront();
  await page.getByRole('button', { name: 'Reconnect' }).click();
  await page.getByRole('form', { name: 'Reconnect ServiceNow' }).waitFor();
  const form = connectForm(page);
  assert.equal(await form.instanceUrl.inputValue(), world.instance.url);
  assert.equal(await form.clientId.inputValue(), world.instance.clientId);
  assert.equal(await form.clientSecret.inputValue(), '');

  // The old secret is refused, which breaks nothing.
  await form.clientSecret.fill(world.instance.clientSecret);
  await consent(await pressConnect(page));
  await page.getByRole('alert').getByText('OAuth callback failed: invalid_client').waitFor();
  await banner(page).waitFor();

  await form.clientSecret.fill(clientSecret);
  await consent(await pressConnect(page));
  await form.instanceUrl.waitFor({ state: 'detached' });
  await banner(page).waitFor();
  const all = await read(page, '/api/v1/integrations');
  assert.deepEqual(all.map((/** @type {any} */ i) => [i.id, i.state]), [[before.id, 'READY_TO_SYNC']]);
  assert.ok(all[0].connected_at > before.connected_at, 'consent was given anew');

  // Changes still reach Neo, each once.
  await servicenow.bringToFront();
  await signInAs(servicenow, world.instance.url, 'beth.anglin');
  const number = await createTicket(servicenow, { short: 'Is this thing on?' });
  await page.bringToFront();
  await open(page, 'Event History');
  await historyRows(page).filter({ hasText: number }).waitFor();
  assert.equal(await historyRows(page).count(), 1);
});
