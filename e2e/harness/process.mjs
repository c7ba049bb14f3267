import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { until } from './until.mjs';

/** The binary under test. */
export const binary = process.env.NEO_BINARY ?? fileURLToPath(new URL('../../bin/neo', import.meta.url));

/** How long a process may take to end by itself: the limit that the product sets itself. */
const STOP_WITHIN = 5_000;

/** @type {Set<Program>} */
const running = new Set();
process.on('exit', () => {
  for (const program of running) program.kill();
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => process.exit(130));

/** A `neo …` that runs beside the test. */
export class Program {
  /** Everything it has printed, both streams. */
  output = '';

  /**
   * @param {string[]} args
   * @param {Record<string, string>} [env] besides PATH and HOME: what the developer has set must not leak in
   */
  constructor(args, env = {}) {
    if (!existsSync(binary)) throw new Error(`${binary} is not there. Run \`make build\`, or set NEO_BINARY.`);
    this.name = `neo ${args[0]}`;
    this.child = spawn(binary, args, {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.exited = once(this.child, 'close');
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.output += text;
      });
    }
    running.add(this);
    this.child.once('exit', () => running.delete(this));
  }

  get ended() {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /**
   * Waits until it has printed something.
   * @param {RegExp} pattern
   * @returns {Promise<RegExpExecArray>}
   */
  async printed(pattern) {
    return until(`${this.name} prints ${pattern}`, () => {
      const match = pattern.exec(this.output);
      if (!match && this.ended) throw new Error(`${this.name} has ended\n${this.tail()}`);
      return match;
    });
  }

  /** Ends it by its own id, politely first. Resolves with how long it took, and whether it had to be killed. */
  async stop(/** @type {NodeJS.Signals} */ signal = 'SIGTERM') {
    const begun = Date.now();
    if (this.ended) return { took: 0, killed: false, code: this.child.exitCode };
    this.child.kill(signal);
    const timer = setTimeout(() => this.kill(), STOP_WITHIN);
    await this.exited;
    clearTimeout(timer);
    return { took: Date.now() - begun, killed: this.child.signalCode === 'SIGKILL', code: this.child.exitCode };
  }

  kill() {
    this.child.kill('SIGKILL');
  }

  tail(lines = 40) {
    return `--- ${this.name}, its last lines\n${this.output.trimEnd().split('\n').slice(-lines).join('\n')}`;
  }
}

/** A port of this machine that is free now. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}
