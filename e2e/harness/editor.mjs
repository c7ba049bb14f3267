/** What people do in the editor of workflows, by the names of its controls. */
import { open } from './dashboard.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Locator} Locator */

/**
 * Begins a workflow from nothing.
 * @param {Page} page
 * @param {string} name
 */
export async function startEmpty(page, name) {
  await open(page, 'Workflows');
  await page.getByRole('link', { name: 'New workflow' }).click();
  await page.getByRole('link', { name: 'Start empty' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
}

/**
 * Chooses in a list: opens it, types what is to be found, and clicks the option.
 * @param {Locator | Page} scope
 * @param {string} name of the control
 * @param {string} wanted the option's whole text
 * @param {string} [typed] what is typed to find it, where the list is searched
 */
export async function pick(scope, name, wanted, typed) {
  const box = scope.getByRole('combobox', { name, exact: true });
  await box.evaluate((e) => e.scrollIntoView({ block: 'center' })); // the list has room beneath it, wherever it is
  await box.click();
  if (typed) await box.fill(typed);
  const list = box.page().locator(`[id="${await box.getAttribute('aria-controls')}"]`);
  await list.getByRole('option', { name: wanted, exact: true }).click();
  if (await list.isVisible()) await box.press('Escape'); // one that takes several stays open
}

/**
 * Says what the nth change is that starts the workflow; the first is there already.
 * @param {Page} page
 * @param {number} n
 * @param {string} kind
 * @param {{field?: string, from?: string, to?: string}} [more]
 */
export async function change(page, n, kind, { field, from, to } = {}) {
  if (n > 1) await page.getByRole('button', { name: 'Add another change: or' }).click();
  const row = page.getByRole('group', { name: `Change ${n}`, exact: true });
  await pick(row, `Change ${n}, kind`, kind, kind);
  if (field) await pick(row, `Change ${n}, field`, field, field);
  if (from) await pick(row, `Change ${n}, from`, from, from);
  if (to) await pick(row, `Change ${n}, to`, to, to);
}

/**
 * Adds a rule.
 * @param {Locator} rules where
 * @param {string} field
 * @param {string | undefined} operator the first that is offered, if not told
 * @param {string | string[]} values the options, or the text that is typed
 */
export async function addRule(rules, field, operator, values) {
  await rules.getByRole('button', { name: 'Add rule', exact: true }).click();
  const rule = rules.getByRole('group', { name: /^Rule \d+$/ }).last();
  const label = await rule.getAttribute('aria-label');
  await pick(rule, `${label}, field`, field, field);
  if (operator) await pick(rule, `${label}, operator`, operator);
  const name = field.replace(/ \(.*\)$/, ''); // fields of one label are told apart by their classes
  for (const value of Array.isArray(values) ? values : []) await pick(rule, `Values for ${name}`, value, value);
  if (typeof values !== 'string') return;
  const value = `Value for ${name}`;
  if ((await rule.getByRole('combobox', { name: value, exact: true }).count()) > 0) await pick(rule, value, values);
  else await rule.getByRole('textbox', { name: value, exact: true }).fill(values);
}

/** The workflow's own rules. @param {Page} page */
export function rules(page) {
  return page.getByRole('region', { name: 'Rules', exact: true });
}

/**
 * Adds an action at the end.
 * @param {Page} page
 * @param {string} name as the menu has it
 * @returns {Promise<Locator>} its form
 */
export async function addAction(page, name) {
  const steps = page.getByRole('list', { name: 'Actions' }).getByRole('region');
  const before = await steps.count();
  const item = page.getByRole('menuitem', { name, exact: true });
  const step = page.getByRole('region', { name: `Step ${before + 1}: ${name}`, exact: true });
  await page.getByRole('button', { name: 'Add action' }).click();
  await item.click();
  await step.waitFor();
  return step;
}

/**
 * Types into a text of a form.
 * @param {Locator | Page} scope
 * @param {string} name
 * @param {string} text
 */
export function type(scope, name, text) {
  return scope.getByRole('textbox', { name, exact: true }).fill(text);
}

/**
 * A length of time.
 * @param {Locator | Page} scope
 * @param {string} name
 * @param {number} count
 * @param {string} unit
 */
export async function duration(scope, name, count, unit) {
  await pick(scope, `${name}, unit`, unit);
  await type(scope, name, String(count));
}

/** Switches on or off. @param {Locator | Page} scope @param {string} name */
export function flip(scope, name) {
  return scope.getByRole('switch', { name, exact: true }).click();
}

/** Saves a new workflow that runs from now on. @param {Page} page */
export async function saveEnabled(page) {
  await flip(page, 'Enable it when it is saved');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.waitForURL(/\/workflows\/[^/]+\/edit$/);
  await page.getByRole('switch', { name: 'Enabled' }).waitFor();
}
