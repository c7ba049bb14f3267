import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { historyRows, mark, signIn } from '../harness/dashboard.mjs';
import { journey } from '../harness/journey.mjs';
import { freePort, Program } from '../harness/process.mjs';
import { until } from '../harness/until.mjs';
import { temporaryDirectory } from '../harness/world.mjs';

/** A demo in a directory of its own, which can be started again. */
async function startDemo() {
  const directory = await temporaryDirectory();
  const [port, instancePort] = [await freePort(), await freePort()];
  /** @type {Program[]} */
  const programs = [];
  const start = (/** @type {string[]} */ ...flags) => {
    const demo = new Program([
      'demo',
      `--data-dir=${directory}`,
      `--listen=127.0.0.1:${port}`,
      `--simulator-listen=127.0.0.1:${instancePort}`,
      '--pace=200ms',
      ...flags,
    ]);
    programs.push(demo);
    return demo;
  };
  const stop = async () => {
    for (const program of programs) await program.stop();
    await rm(directory, { recursive: true, force: true });
  };
  return { url: `http://127.0.0.1:${port}`, programs, start, stop };
}

/** What the demo prints for people. @param {Program} demo */
async function welcome(demo) {
  const [, url, email, password] = await demo.printed(/Dashboard +(\S+)\s+sign in with +(\S+) +\/ +(\S+)/);
  return { url, email, password };
}

journey(
  'the demo lives, ends at Ctrl-C, and goes on',
  async ({ world, page, allowErrors }) => {
    allowErrors(/net::ERR_|status of 401/); // while the demo is not there
    const first = world.start('--fresh');
    const { url, ...person } = await welcome(first);
    assert.equal(url, world.url);
    await page.goto(url);
    await signIn(page, person);
    await page.getByRole('heading', { name: 'Event History', level: 1 }).waitFor();
    const notReloaded = await mark(page);
    const rows = historyRows(page);
    await until('the Event History fills', async () => (await rows.count()) >= 5);
    await until('it fills further', async () => (await rows.count()) >= 10);
    await rows.filter({ hasText: 'Workflow Execution' }).filter({ hasText: 'Success' }).first().waitFor();
    await notReloaded();

    const oldest = await rows.last().getAttribute('data-entry');
    const { took, killed, code } = await first.stop('SIGINT');
    assert.ok(!killed && took < 5_000, `ended within 5 s (${took} ms)`);
    assert.equal(code, 0, first.tail());

    const second = world.start();
    assert.deepEqual(await welcome(second), { url, ...person });
    assert.doesNotMatch(second.output, /setup_link|\/setup\?token=/);
    // The page that is still open goes on by itself, and what was is still there.
    await page.getByRole('status').filter({ hasText: /^Updates by itself$/ }).waitFor();
    const again = await rows.count();
    await until('the same page fills further', async () => (await rows.count()) > again);
    await notReloaded();
    await page.goto(`${url}/events?ticket=INC`); // from the newest on
    await until('the first event is still there', async () => {
      const older = page.getByRole('button', { name: 'Show older events' });
      if (await older.isVisible()) await older.click();
      return page.locator(`[data-entry="${oldest}"]`).isVisible();
    });
    const last = await second.stop('SIGINT');
    assert.ok(!last.killed && last.took < 5_000, `ended within 5 s (${last.took} ms)`);
  },
  startDemo,
);
