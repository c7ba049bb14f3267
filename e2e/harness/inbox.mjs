import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * Where messages of workflows arrive, as they would in Slack or Teams.
 * @typedef {object} Inbox
 * @property {string} url of an incoming webhook
 * @property {string} host to be allowed by NEO_MESSAGE_ALLOW_HOSTS
 * @property {{headers: import('node:http').IncomingHttpHeaders, body: any}[]} messages
 * @property {() => Promise<void>} stop
 */

/** @returns {Promise<Inbox>} */
export async function startInbox() {
  /** @type {Inbox['messages']} */
  const messages = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request.setEncoding('utf8')) text += piece;
    messages.push({ headers: request.headers, body: JSON.parse(text) });
    response.writeHead(202).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const host = `127.0.0.1:${port}`;
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://${host}/webhook/b1a2c3`, host, messages, stop };
}
