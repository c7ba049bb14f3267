import assert from 'node:assert/strict';
import {
  banner,
  beSetUp,
  connectForm,
  fillConnectForm,
  openConnectForm,
  pressConnect,
} from '../harness/dashboard.mjs';
import { changeApp, consent } from '../harness/instance.mjs';
import { journey } from '../harness/journey.mjs';
import { until } from '../harness/until.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('../harness/world.mjs').World['instance']} Instance */

const closedTitle = 'The window was closed before consent was complete';

journey('consent is denied, then given', async (traveller) => {
  const { page, world } = traveller;
  const instance = await filledIn(traveller);
  await consent(await pressConnect(page), 'Deny');
  await saysSo(page, 'ServiceNow was not connected', /OAuth callback failed: access_denied/, /click Allow/);
  await stillFilledIn(page, instance);
  await connectForm(page).clientSecret.fill(world.instance.clientSecret);
  await consent(await pressConnect(page));
  await banner(page).waitFor();
});

journey('the client secret is wrong', async (traveller) => {
  const { page, world } = traveller;
  const instance = await filledIn(traveller, { clientSecret: 'not-the-secret' });
  await consent(await pressConnect(page));
  const failed = /OAuth callback failed: invalid_client/;
  await saysSo(page, 'ServiceNow was not connected', failed, /Client Secret/, /copy and paste/, /Active/, /again/);
  await stillFilledIn(page, instance);
  assert.doesNotMatch(await page.content(), /not-the-secret/);
  assert.doesNotMatch(world.programs.map((p) => p.output).join(), /not-the-secret/);
});

journey('the popup is closed', async (traveller) => {
  const { page } = traveller;
  const instance = await filledIn(traveller);
  const popup = await pressConnect(page);
  await popup.getByLabel('User name').waitFor();
  await popup.close();
  await saysSo(page, closedTitle, /try again/i);
  await stillFilledIn(page, instance);
});

journey('Popup opens but immediately closes with no consent screen: the redirect URL is not the registered one', async (traveller) => {
  const { page, world, context } = traveller;
  const redirectUrl = `${world.url}/oauth/servicenow/callback`;
  const administration = await context.newPage();
  await changeApp(administration, world.instance.url, world.instance, { redirectUrl: `${redirectUrl}/` });
  await administration.close();
  const instance = await filledIn(traveller);
  const popup = await pressConnect(page);
  await popup.getByRole('heading', { name: 'Authorization error' }).waitFor();
  await popup.getByText('Invalid redirect_uri').waitFor();
  await popup.close();
  await saysSo(page, closedTitle, new RegExp(`must be exactly ${redirectUrl}\\.`), /Client ID/, /Active/, /try again/i);
  await stillFilledIn(page, instance);

  const again = await context.newPage();
  await changeApp(again, world.instance.url, world.instance, { redirectUrl });
  await again.close();
  await connectForm(page).clientSecret.fill(world.instance.clientSecret);
  await consent(await pressConnect(page));
  await banner(page).waitFor();
});

journey('the instance cannot be reached by the browser', async (traveller) => {
  const { page, world, allowErrors } = traveller;
  allowErrors(/ERR_CONNECTION_REFUSED/);
  const instance = await filledIn(traveller, { url: `http://${world.closedHost}` });
  const popup = await pressConnect(page);
  await until('the browser shows its own error page', () => popup.url().startsWith('chrome-error:'));
  await popup.close();
  await saysSo(page, closedTitle, /Instance URL/, /try again/i);
  await stillFilledIn(page, instance);
});

journey('the instance goes away between consent and tokens', async (traveller) => {
  const { page, world, context } = traveller;
  const instance = await filledIn(traveller);
  // When the answer to Allow reaches the browser, the instance is gone already.
  await context.route(/\/oauth_auth\.do/, async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    const response = await route.fetch({ maxRedirects: 0 });
    await world.programs[0].stop();
    await route.fulfill({ response });
  });
  await consent(await pressConnect(page));
  await saysSo(page, 'ServiceNow was not connected', /again/i);
  await stillFilledIn(page, instance);
});

journey('the instance URL is not one', async (traveller) => {
  const { page, world } = traveller;
  await filledIn(traveller);
  const form = connectForm(page);
  for (const url of ['https://acme.example.com', 'https://acme.service-now.com/now', 'http://acme.service-now.com', 'acme']) {
    await form.instanceUrl.fill(url);
    await form.button.click(); // no window opens: the form knows the rule
    await page.getByText('instance_url must be a service-now.com or servicenowservices.com domain', { exact: true }).waitFor();
    await page.getByText(/Start with https:\/\/ and use the bare host/).waitFor();
    assert.equal(await form.instanceUrl.getAttribute('aria-invalid'), 'true');
    assert.ok(await form.instanceUrl.evaluate((input) => input === document.activeElement), 'the field to correct has the focus');
    // ServiceNow was not asked for anything, so nobody has to look up the secret again.
    assert.equal(await form.instanceUrl.inputValue(), url);
    assert.equal(await form.clientId.inputValue(), world.instance.clientId);
  }
  await form.instanceUrl.fill(world.instance.url);
  await consent(await pressConnect(page));
  await banner(page).waitFor();
});

journey('the browser blocks the popup', async (traveller) => {
  const { page, context } = traveller;
  await filledIn(traveller);
  await page.evaluate(() => {
    window.open = () => null;
  });
  await connectForm(page).button.click();
  await saysSo(page, 'Your browser blocked the window', /allow popups/);
  const [popup] = await Promise.all([
    context.waitForEvent('page'),
    page.getByRole('link', { name: 'Open ServiceNow’s consent page' }).click(),
  ]);
  await consent(popup);
  await banner(page).waitFor();
});

/**
 * Opens the form of a Neo that somebody has set up, and fills it in.
 * @param {import('../harness/journey.mjs').Traveller} traveller
 * @param {Partial<Instance>} [differently]
 */
async function filledIn({ world, context, page }, differently = {}) {
  const instance = { ...world.instance, ...differently };
  await beSetUp(context, world);
  await page.bringToFront();
  await page.goto(world.url);
  await openConnectForm(page);
  await fillConnectForm(page, instance);
  return instance;
}

/**
 * Asserts that an alert says what happened and what to do.
 * @param {Page} page
 * @param {string} title
 * @param {...RegExp} sentences
 */
async function saysSo(page, title, ...sentences) {
  const alert = page.getByRole('alert').filter({ hasText: title });
  await alert.waitFor();
  const text = await alert.innerText();
  for (const sentence of sentences) assert.match(text, sentence);
}

/**
 * Asserts that what was typed is still there, except the secret, and can be sent again.
 * @param {Page} page
 * @param {Instance} instance
 */
async function stillFilledIn(page, instance) {
  const form = connectForm(page);
  assert.equal(await form.instanceUrl.inputValue(), instance.url);
  assert.equal(await form.clientId.inputValue(), instance.clientId);
  assert.equal(await form.clientSecret.inputValue(), '');
  assert.ok(await form.button.isEnabled());
}
