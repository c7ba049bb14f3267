/** The seed page's troubleshooting, as somebody at the dashboard meets it. What needs no browser is in app/troubleshooting_test.go. */
import assert from 'node:assert/strict';
import {
  banner,
  beSetUp,
  connect,
  connectForm,
  fillConnectForm,
  historyRows,
  open,
  openConnectForm,
  pressConnect,
} from '../harness/dashboard.mjs';
import { administer, consent, createOverAPI, setFaults } from '../harness/instance.mjs';
import { journey } from '../harness/journey.mjs';

journey('Insufficient privileges after OAuth completes', async ({ page, context, world }) => {
  const { url } = world.instance;
  await createOverAPI(url, 'Something that only technicians may read');
  await beSetUp(context, world);
  await page.goto(world.url);
  await openConnectForm(page);
  await fillConnectForm(page, world.instance);
  await consent(await pressConnect(page), 'Allow', 'joe.employee');
  const failed = page.getByRole('alert').filter({ hasText: 'Insufficient privileges' });
  await failed.first().waitFor();
  assert.match(await failed.first().innerText(), /itil/);

  for (const role of ['itil', 'admin']) await administer(url, 'add_role', { user: 'joe.employee', role });
  await connectForm(page).clientSecret.fill(world.instance.clientSecret);
  await consent(await pressConnect(page)); // the session of the instance is still that person's
  await banner(page).waitFor();
});

journey('Connected but webhooks aren’t arriving', async ({ page, context, world }) => {
  const { url } = world.instance;
  await beSetUp(context, world);
  await page.goto(world.url);
  await connect(page, world);
  await setFaults(url, { deliveries_lost: 1 });
  for (const short of ['one', 'two', 'three']) await createOverAPI(url, `Not delivered: ${short}`);
  const health = page.getByRole('region', { name: 'Health' });
  await health.getByText('Connected but webhooks aren\'t arriving').waitFor();
  await health.getByText(/System Definition → Business Rules/).waitFor();
  await health.getByText('Action needed').waitFor();
  await health.getByRole('button', { name: 'Check now' }).click();
  await page.getByRole('link', { name: /Alerts: / }).click();
  await page.getByRole('heading', { name: 'Webhooks are not arriving' }).waitFor();
  await page.getByRole('button', { name: 'Mark as read' }).first().click();

  await open(page, 'Event History');
  await historyRows(page).filter({ hasText: 'Not delivered: two' }).waitFor();
  await setFaults(url, { deliveries_lost: 0 });
  await createOverAPI(url, 'Delivered again');
  await historyRows(page).filter({ hasText: 'Delivered again' }).click();
  await page.getByText('Sent by the ticket system (webhook)').waitFor();
});

journey('an administrator plants by hand what Neo’s account may not', async ({ page, context, world }) => {
  const { url } = world.instance;
  await beSetUp(context, world);
  await page.goto(world.url);
  await openConnectForm(page);
  await fillConnectForm(page, world.instance);
  await consent(await pressConnect(page), 'Allow', 'itil.only');
  await page.getByText('Connected; one step is left').waitFor();
  const byHand = page.getByRole('region', { name: 'Set up by hand' });
  await byHand.getByRole('button', { name: 'Verify' }).click();
  await byHand.getByText(/Not there yet: .*Business Rule/).waitFor();
  await byHand.getByRole('button', { name: 'Prepare the files' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    byHand.getByRole('button', { name: 'Download neo-agent-setup.xml' }).click(),
  ]);
  const xml = await streamText(await download.createReadStream());
  await administer(url, 'import_update_set', { user: 'admin', xml });
  await byHand.getByRole('button', { name: 'Verify' }).click();
  await banner(page).waitFor();
  await createOverAPI(url, 'Delivered by what was planted');
  await open(page, 'Event History');
  await historyRows(page).filter({ hasText: 'Delivered by what was planted' }).click();
  await page.getByText('Sent by the ticket system (webhook)').waitFor();
});

journey('disconnected, and connected again', async ({ page, context, world }) => {
  await beSetUp(context, world);
  await page.goto(world.url);
  await connect(page, world);
  await page.getByRole('button', { name: 'Disconnect' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('The history stays.').waitFor();
  await dialog.getByRole('button', { name: 'Disconnect' }).click();
  await dialog.getByText('Removed (1).').first().waitFor();
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await page.getByRole('button', { name: 'Connect again' }).click();
  await connectForm(page).clientSecret.fill(world.instance.clientSecret);
  await consent(await pressConnect(page));
  await banner(page).waitFor();
});

/** @param {AsyncIterable<Buffer>} stream */
async function streamText(stream) {
  let text = '';
  for await (const piece of stream) text += piece;
  return text;
}
