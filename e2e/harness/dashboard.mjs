/** What people do in the dashboard, in its own words. */
import assert from 'node:assert/strict';
import { consent } from './instance.mjs';
import { admin } from './world.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('./world.mjs').World} World */

/**
 * Opens the setup link and creates the first administrator, who is then signed in.
 * @param {Page} page
 * @param {World} world
 */
export async function setUp(page, world) {
  await page.goto(world.setupLink);
  await page.getByRole('heading', { name: 'Set up Neo Agent', level: 1 }).waitFor();
  await page.getByLabel('Name', { exact: true }).fill(admin.name);
  await page.getByLabel('E-mail').fill(admin.email);
  await page.getByLabel('Password', { exact: true }).fill(admin.password);
  await page.getByRole('button', { name: 'Create administrator' }).click();
  await page.getByRole('heading', { name: 'Integrations', level: 1 }).waitFor();
}

/**
 * @param {Page} page at the sign-in page
 * @param {{email: string, password: string}} [who]
 */
export async function signIn(page, who = admin) {
  await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor();
  await page.getByLabel('E-mail').fill(who.email);
  await page.getByLabel('Password', { exact: true }).fill(who.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** @param {Page} page */
export async function signOut(page) {
  await page.getByRole('button', { name: `Account of ${admin.name}` }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor();
}

/**
 * Opens a page by the menu.
 * @param {Page} page
 * @param {'Integrations' | 'Workflows' | 'Approvals' | 'Scheduled Work' | 'Event History' | 'Settings'} name
 */
export async function open(page, name) {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name }).click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
}

/** The tile in the Directory, and the form behind it. @param {Page} page */
export async function openConnectForm(page) {
  await open(page, 'Integrations');
  await page.getByRole('tab', { name: 'Directory' }).click();
  await page.getByRole('link', { name: 'ServiceNow' }).click();
  await page.getByRole('form', { name: 'Connect ServiceNow' }).waitFor();
}

/** The fields of the connect form. @param {Page} page */
export function connectForm(page) {
  return {
    instanceUrl: page.getByLabel('Instance URL'),
    clientId: page.getByLabel('Client ID'),
    clientSecret: page.getByLabel('Client Secret', { exact: true }),
    button: page.getByRole('button', { name: /^(Connect ServiceNow|Reconnect)$/ }),
  };
}

/**
 * @param {Page} page
 * @param {{url: string, clientId: string, clientSecret: string}} instance
 */
export async function fillConnectForm(page, instance) {
  const form = connectForm(page);
  await form.instanceUrl.fill(instance.url);
  await form.clientId.fill(instance.clientId);
  await form.clientSecret.fill(instance.clientSecret);
}

/**
 * Clicks the button of the connect form.
 * @param {Page} page
 * @returns {Promise<Page>} the popup
 */
export async function pressConnect(page) {
  const [popup] = await Promise.all([page.waitForEvent('popup'), connectForm(page).button.click()]);
  return popup;
}

/**
 * Connects, from the home page on, and lets Neo write.
 * @param {Page} page
 * @param {World} world
 */
export async function connect(page, world) {
  await page.goto(world.url);
  await openConnectForm(page);
  await fillConnectForm(page, world.instance);
  await consent(await pressConnect(page));
  await banner(page).waitFor();
  await allow(page);
}

/**
 * Sets over the API what Neo may do in each instance that is connected: a new connection may only read.
 * @param {Page} page
 * @param {'DISABLED' | 'READ_ONLY' | 'READ_WRITE'} [level]
 */
export async function allow(page, level = 'READ_WRITE') {
  for (const { id } of await read(page, '/api/v1/integrations')) {
    const path = `/api/v1/integrations/${id}/permissions`;
    const { permissions } = await read(page, path);
    const data = { permissions: permissions.map((/** @type {object} */ p) => ({ ...p, level, ask_first: false })) };
    const answer = await page.request.put(new URL(path, page.url()).href, { data });
    assert.equal(answer.status(), 200, await answer.text());
  }
}

/** The banner of a connection that works. @param {Page} page */
export function banner(page) {
  return page.locator('[data-state=READY_TO_SYNC]', { hasText: 'ServiceNow connected' });
}

/**
 * Creates a workflow from JSON, as a person pastes it, and enables it.
 * @param {Page} page
 * @param {{name: string, [key: string]: unknown}} definition
 */
export async function createWorkflow(page, definition) {
  await open(page, 'Workflows');
  await page.getByRole('link', { name: 'New workflow' }).click();
  await page.getByRole('link', { name: 'Start empty' }).click();
  await (await asJson(page)).fill(JSON.stringify(definition, null, 2));
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('heading', { name: definition.name, level: 1 }).waitFor();
}

/** The draft in the editor of workflows, as JSON. @param {Page} page */
export async function asJson(page) {
  await page.getByText('As JSON', { exact: true }).click();
  return page.getByRole('textbox', { name: 'Definition (JSON)' });
}

/** The rows of the Event History. @param {Page} page */
export function historyRows(page) {
  return page.getByRole('table', { name: 'Events' }).locator('tbody tr');
}

/**
 * Chooses in one of the filters of the Event History.
 * @param {Page} page
 * @param {'Type' | 'Outcome'} filter
 * @param {string} value
 */
export async function choose(page, filter, value) {
  await page.getByRole('combobox', { name: filter }).selectOption({ label: value });
}

/** What a table of changed fields says: field → [before, after]. @param {import('playwright-core').Locator} table */
export async function changes(table) {
  const rows = await table.locator('tbody tr').evaluateAll((trs) =>
    trs.map((tr) => [...tr.querySelectorAll('td')].map((td) => td.innerText.trim())),
  );
  return Object.fromEntries(rows.map(([field, before, after]) => [field, [before, after]]));
}

/** Asserts that nothing has loaded the page anew since `mark`. @param {Page} page */
export async function mark(page) {
  const origin = await page.evaluate(() => performance.timeOrigin);
  return async () => assert.equal(await page.evaluate(() => performance.timeOrigin), origin, 'the page was not loaded anew');
}

/**
 * Creates the first administrator over the API, and signs the browser in: for journeys that are about something else.
 * @param {import('playwright-core').BrowserContext} context
 * @param {World} world
 */
export async function beSetUp(context, world) {
  const token = new URL(world.setupLink).searchParams.get('token');
  const answer = await context.request.post(`${world.url}/api/v1/setup`, { data: { token, ...admin } });
  assert.equal(answer.status(), 200, await answer.text());
}

/**
 * Reads from the API as the person who is signed in.
 * @param {Page} page
 * @param {string} path
 */
export async function read(page, path) {
  const answer = await page.request.get(new URL(path, page.url()).href);
  assert.equal(answer.status(), 200, await answer.text());
  return (await answer.json()).data;
}

/**
 * Saves a workflow over the API as the person who is signed in.
 * @param {Page} page
 * @param {{name: string, [key: string]: unknown}} definition
 * @param {boolean} [enabled]
 */
export async function saveWorkflow(page, definition, enabled = true) {
  // What a journey wants to see fail may lack something.
  const url = new URL(`/api/v1/workflows?enabled=${enabled}&override_reason=A+journey`, page.url());
  const answer = await page.request.post(url.href, { data: definition });
  assert.equal(answer.status(), 201, await answer.text());
}
