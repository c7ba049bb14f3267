import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { PATIENCE } from './until.mjs';
import { startWorld } from './world.mjs';

/** Where pictures go; git ignores it. */
export const screenshots = fileURLToPath(new URL('../screenshots/', import.meta.url));

const launchOptions = {
  executablePath: '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await chromium.launch(launchOptions);
});
after(() => browser?.close());

/**
 * What a journey is given.
 * @template [W=import('./world.mjs').World]
 * @typedef {object} Traveller
 * @property {W} world
 * @property {import('playwright-core').BrowserContext} context of this journey alone
 * @property {import('playwright-core').Page} page
 * @property {(...patterns: RegExp[]) => void} allowErrors says which errors belong to this journey
 */

/**
 * Declares one journey: a test with a world and a browser context of its own. Besides what it asserts itself, it fails
 * on an uncaught error in a page, on an error in a console, and on a request that leaves this machine.
 * @template {{programs: import('./process.mjs').Program[], stop: () => Promise<void>}} [W=import('./world.mjs').World]
 * @param {string} name
 * @param {(traveller: Traveller<W>) => Promise<void>} walk
 * @param {() => Promise<W>} [start] starts the world, if another one than a Neo and a simulator
 * @param {number} [timeout] milliseconds
 */
export function journey(name, walk, start = /** @type {any} */ (startWorld), timeout = 300_000) {
  test(name, { timeout }, async () => {
    const world = await start();
    try {
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
      context.setDefaultTimeout(PATIENCE);
      const watch = watchFor(context);
      try {
        const page = await context.newPage();
        await walk({ world, context, page, allowErrors: watch.allow });
        watch.check();
      } catch (error) {
        console.error([...world.programs.map((p) => p.tail()), ...watch.seen].join('\n'));
        await picturesOf(context, name);
        throw error;
      } finally {
        await context.close();
      }
    } finally {
      await world.stop();
    }
  });
}

/**
 * Notes what must not happen in any page of a context.
 * @param {import('playwright-core').BrowserContext} context
 */
function watchFor(context) {
  /** @type {string[]} */
  const seen = [];
  /** @type {RegExp[]} */
  const allowed = [];
  context.on('weberror', (e) => seen.push(`uncaught error: ${e.error().stack}`));
  context.on('console', (m) => {
    if (m.type() === 'error') seen.push(`console error: ${m.text()} (${m.location().url})`);
  });
  context.on('request', (r) => {
    const { protocol, hostname } = new URL(r.url());
    const here = hostname === '127.0.0.1' || protocol === 'data:' || protocol === 'blob:';
    if (!here) seen.push(`request that leaves this machine: ${r.url()}`);
  });
  return {
    seen,
    allow: (/** @type {RegExp[]} */ ...patterns) => void allowed.push(...patterns),
    check() {
      const surprising = seen.filter((s) => !allowed.some((pattern) => pattern.test(s)));
      assert.deepEqual(surprising, [], 'nothing went wrong inside the pages');
    },
  };
}

/**
 * Saves what every open page shows.
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} name
 */
async function picturesOf(context, name) {
  const directory = join(screenshots, 'failures');
  await mkdir(directory, { recursive: true });
  const slug = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  for (const [i, page] of context.pages().entries()) {
    const file = join(directory, `${slug}-${i + 1}`);
    try {
      await page.screenshot({ path: `${file}.png`, fullPage: true, timeout: 5_000 });
      await writeFile(`${file}.html`, await page.content());
      console.error(`${page.url()} is shown in ${file}.png and .html`);
    } catch (error) {
      console.error(`no picture of ${page.url()}: ${error}`);
    }
  }
}
