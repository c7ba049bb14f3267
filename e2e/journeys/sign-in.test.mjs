import assert from 'node:assert/strict';
import { asJson, beSetUp, choose, setUp, signIn, signOut } from '../harness/dashboard.mjs';
import { journey } from '../harness/journey.mjs';
import { admin } from '../harness/world.mjs';

journey('a wrong password', async ({ world, context, page, allowErrors }) => {
  allowErrors(/status of 401 .*\/api\/v1\/session/);
  await beSetUp(context, world);
  await context.clearCookies();
  await page.goto(world.url);
  await signIn(page, { email: admin.email, password: 'something else' });
  await page.getByRole('alert').getByText('E-mail or password is not right. Check both and try again.').waitFor();
  assert.equal(await page.getByLabel('E-mail').inputValue(), admin.email);
  assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), '');
  await signIn(page);
  await page.getByRole('heading', { name: 'Integrations', level: 1 }).waitFor();
});

journey('the session ends, and people come back to where they were', async ({ world, context, page, allowErrors }) => {
  allowErrors(/status of 401 /);
  await beSetUp(context, world);
  await page.goto(`${world.url}/events?type=ENTITY_CREATED`);
  await page.getByText('No event matches these filters').waitFor();
  await context.clearCookies();
  await choose(page, 'Outcome', 'Failure');
  await page.getByText('Sign in to go on where you were.').waitFor();
  await signIn(page);
  await page.getByText('No event matches these filters').waitFor();
  const { pathname, search } = new URL(page.url());
  assert.equal(pathname + search, '/events?type=ENTITY_CREATED&outcome=FAILURE');

  // What they had typed is still there, too.
  await page.goto(`${world.url}/workflows/new?template=empty`);
  const editor = await asJson(page);
  const definition = {
    name: 'Half an hour of work',
    trigger_type: 'TRIGGERED',
    target_changes: [{ change_type: 'TICKET_CREATED' }],
    actions: [{ type: 'ADD_WORK_NOTE', config: { text: 'Seen.' } }],
  };
  const draft = JSON.stringify(definition, null, 2);
  await editor.fill(draft);
  await context.clearCookies();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Sign in to go on where you were.').waitFor();
  await signIn(page);
  await page.getByText('This is your draft').waitFor();
  assert.equal(await editor.inputValue(), draft);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('heading', { name: 'Half an hour of work', level: 1 }).waitFor();

  // The way back leads into the dashboard, whatever a link says.
  await signOut(page);
  await page.goto(`${world.url}/sign-in?next=//example.com/`);
  await signIn(page);
  await page.getByRole('heading', { name: 'Integrations', level: 1 }).waitFor();
});

journey('the setup link works once', async ({ world, context, page, allowErrors }) => {
  allowErrors(/status of 4\d\d .*\/api\/v1\/setup/);
  await page.goto(world.url);
  await page.getByText('Look into the log of the server').waitFor();
  await page.goto(`${world.setupLink}x`);
  await fillIn(page, admin);
  await page.getByRole('alert').getByText('This setup link is not valid any more.').waitFor();

  // Two people have the right one, and one of them is faster.
  const late = await context.newPage();
  await late.goto(world.setupLink);
  await page.bringToFront();
  await setUp(page, world);
  await signOut(page);
  await late.bringToFront();
  await fillIn(late, { name: 'Eve', email: 'eve@example.com', password: 'another long password' });
  await late.getByRole('alert').getByText('Neo is set up already. Sign in instead.').waitFor();

  await late.goto(world.setupLink);
  await signIn(late);
  await late.getByRole('heading', { name: 'Integrations', level: 1 }).waitFor();
});

/**
 * @param {import('playwright-core').Page} page at a setup link
 * @param {typeof admin} person
 */
async function fillIn(page, { name, email, password }) {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Create administrator' }).click();
}
