/** What people do in the (simulated) ServiceNow. */
import assert from 'node:assert/strict';

/** @typedef {import('playwright-core').Page} Page */

/**
 * Answers in the popup, as the Neo service account or whoever is signed in there already, and sees it close.
 * @param {Page} popup
 * @param {'Allow' | 'Deny'} [answer]
 * @param {string} [user]
 */
export async function consent(popup, answer = 'Allow', user = 'neo.agent') {
  const closed = popup.waitForEvent('close');
  const logInFirst = popup.getByRole('heading', { name: 'Log in', level: 1 });
  const button = popup.getByRole('button', { name: answer });
  await button.or(logInFirst).waitFor();
  if (await logInFirst.isVisible()) await logIn(popup, user);
  await button.click();
  await closed;
}

/**
 * @param {Page} page at the login page
 * @param {string} user whose password is the name
 */
export async function logIn(page, user) {
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password').fill(user);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
}

/**
 * Signs in at the front door, as somebody else than before where need be.
 * @param {Page} page
 * @param {string} url of the instance
 * @param {string} user
 */
export async function signInAs(page, url, user) {
  await page.goto(`${url}/logout.do`);
  await logIn(page, user);
  await page.getByRole('heading', { name: 'Tickets', level: 1 }).waitFor();
}

/**
 * Creates a ticket by the form.
 * @param {Page} page signed in to the instance
 * @param {{short: string, class?: string, caller?: string, impact?: string, urgency?: string, category?: string}} ticket
 * @returns {Promise<string>} its number
 */
export async function createTicket(page, { short, ...choices }) {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'New ticket' }).click();
  await page.getByLabel('Short description').fill(short);
  for (const [name, label] of Object.entries({
    class: 'Class',
    caller: 'Caller / requested for',
    impact: 'Impact',
    urgency: 'Urgency',
    category: 'Category',
  })) {
    const choice = choices[/** @type {keyof typeof choices} */ (name)];
    if (choice) await page.getByLabel(label, { exact: true }).selectOption({ label: choice });
  }
  await page.getByRole('button', { name: 'Submit' }).click();
  const heading = await page.getByRole('heading', { level: 1, name: short }).innerText();
  const number = /[A-Z]+\d{7,}/.exec(heading)?.[0];
  assert.ok(number, `the heading “${heading}” has a number`);
  return number;
}

/**
 * Opens a ticket of the list.
 * @param {Page} page signed in to the instance
 * @param {string} number
 */
export async function openTicket(page, number) {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Tickets' }).click();
  await page.getByRole('link', { name: number }).click();
  await page.getByRole('heading', { level: 1, name: number }).waitFor();
}

/**
 * Sets fields of the ticket that is shown, as one update.
 * @param {Page} page
 * @param {Record<string, string>} fields the label of each, and of what is chosen
 */
export async function updateTicket(page, fields) {
  for (const [label, choice] of Object.entries(fields)) {
    await page.getByLabel(label, { exact: true }).selectOption({ label: choice });
  }
  await page.getByRole('button', { name: 'Update', exact: true }).click();
  await page.getByText('Saved.').waitFor();
}

/**
 * What was said on the ticket that is shown, the newest first.
 * @param {Page} page
 * @param {'note' | 'comment'} kind
 */
export async function said(page, kind) {
  await page.reload();
  return page.getByRole('complementary', { name: 'Activity' }).locator(`li.${kind} .text`).allInnerTexts();
}

/**
 * Changes the OAuth application that Neo uses.
 * @param {Page} page
 * @param {string} url of the instance
 * @param {{clientId: string}} app
 * @param {{redirectUrl?: string, clientSecret?: string}} change
 */
export async function changeApp(page, url, { clientId }, change) {
  await signInAs(page, url, 'admin');
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'OAuth' }).click();
  const form = page.locator('form.card', { has: page.locator(`input[value="${clientId}"]`) });
  if (change.redirectUrl) await form.getByLabel('Redirect URLs').fill(change.redirectUrl);
  if (change.clientSecret) await form.getByLabel('Client secret').fill(change.clientSecret);
  await form.getByRole('button', { name: 'Update' }).click();
  await page.getByText('Saved.').waitFor();
  await page.goto(`${url}/logout.do`);
}

/**
 * Changes what goes wrong with the instance.
 * @param {string} url of the instance
 * @param {Record<string, boolean | number | string>} faults
 */
export function setFaults(url, faults) {
  return send('PUT', `${url}/simulator/faults`, { faults });
}

/**
 * Does what an administrator of the instance does.
 * @param {string} url of the instance
 * @param {string} action
 * @param {Record<string, string>} [args]
 */
export function administer(url, action, args = {}) {
  return send('POST', `${url}/simulator/actions`, { action, args });
}

/**
 * Creates a ticket over the API, as a technician.
 * @param {string} url of the instance
 * @param {string} short
 */
export function createOverAPI(url, short) {
  return send('POST', `${url}/api/now/table/incident`, { short_description: short }, 'beth.anglin');
}

/**
 * @param {string} method
 * @param {string} url
 * @param {object} body
 * @param {string} [user] whose password is the name
 */
async function send(method, url, body, user) {
  const headers = new Headers({ 'Content-Type': 'application/json' });
  if (user) headers.set('Authorization', `Basic ${btoa(`${user}:${user}`)}`);
  const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${url}: ${answer.status} ${await answer.text()}`);
}
