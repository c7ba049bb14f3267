import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInbox } from './inbox.mjs';
import { freePort, Program } from './process.mjs';
import { until } from './until.mjs';

/** The first administrator of every world. */
export const admin = { name: 'Ada Byron', email: 'ada@example.com', password: 'correct horse battery' };

/**
 * A Neo and a simulated ServiceNow, both fresh and both of this test alone.
 * @typedef {object} World
 * @property {string} url of Neo
 * @property {string} setupLink from Neo's log
 * @property {{url: string, clientId: string, clientSecret: string}} instance as the simulator prints it
 * @property {string} closedHost an allowed instance address at which nothing listens
 * @property {import('./inbox.mjs').Inbox} inbox where an endpoint of Neo's may send to
 * @property {Program[]} programs
 * @property {() => Promise<void>} stop
 */

/** @returns {Promise<World>} */
export async function startWorld() {
  const [directory, port, closedPort, inbox] = await Promise.all([temporaryDirectory(), freePort(), freePort(), startInbox()]);
  const url = `http://127.0.0.1:${port}`;
  const closedHost = `127.0.0.1:${closedPort}`;
  /** @type {Program[]} */
  const programs = [];
  const stop = async () => {
    await Promise.all(programs.map((program) => program.stop()));
    await inbox.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const simulator = new Program([
      'simulator',
      '--listen=127.0.0.1:0',
      `--state-file=${join(directory, 'simulator.json')}`,
      `--redirect-url=${url}/oauth/servicenow/callback`,
    ]);
    programs.push(simulator);
    const [, instanceUrl] = await simulator.printed(/running at (http:\S+)/);
    const [, clientId] = await simulator.printed(/Client ID +(\S+)/);
    const [, clientSecret] = await simulator.printed(/Client Secret +(\S+)/);

    const neo = new Program(['serve', `--listen=127.0.0.1:${port}`, `--data-dir=${join(directory, 'neo')}`], {
      NEO_SWEEP_INTERVAL: '1s',
      NEO_SERVICENOW_ALLOW_HOSTS: `${new URL(instanceUrl).host},${closedHost}`,
      NEO_MESSAGE_ALLOW_HOSTS: inbox.host,
    });
    programs.push(neo);
    await ready(url, neo);
    const [, setupLink] = await neo.printed(/setup_link="?([^\s"]+)/);
    return { url, setupLink, instance: { url: instanceUrl, clientId, clientSecret }, closedHost, inbox, programs, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Waits until a Neo answers.
 * @param {string} url
 * @param {Program} neo
 */
export async function ready(url, neo) {
  await until(`${neo.name} answers at ${url}`, async () => {
    if (neo.ended) throw new Error(neo.tail());
    return (await fetch(`${url}/readyz`)).ok;
  });
}

export function temporaryDirectory() {
  return mkdtemp(join(tmpdir(), 'neo-e2e-'));
}
