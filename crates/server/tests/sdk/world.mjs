// What the checks share: the sandbox's control interface, the keys that its portals hand over, and a listener for
// notices. Nothing here signs or verifies; that is the SDKs' part.

import { createPublicKey } from 'node:crypto';
import { createServer } from 'node:http';

export const SANDBOX = process.env.SANDBOX_URL;
if (!SANDBOX) throw new Error('SANDBOX_URL names the sandbox');

/** Calls the control interface. */
export async function control(path, body) {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const answer = await fetch(`${SANDBOX}/control/${path}`, init);
  const told = await answer.json();
  if (!answer.ok) throw new Error(`${path}: ${JSON.stringify(told)}`);
  return told;
}

/** What the portals of the wallets hand over. */
export const keys = await control('portal_keys');

/** The public half of a private key, PEM. */
export const publicHalf = (pem) => createPublicKey(pem).export({ type: 'spki', format: 'pem' });

let last = 0;
const run = `${Date.now().toString(36)}${Math.floor(Math.random() * 1e6).toString(36)}`;

/** A number that no other order has. */
export function number(prefix) {
  last += 1;
  return `${prefix}${run}${last}`;
}

/** A payment code of WeChat's; its last two digits steer the sandbox. */
export const wechatCode = (digits) => `13${Date.now().toString().padStart(14, '0').slice(-14)}${digits}`;
/** A payment code of Alipay's. */
export const alipayCode = (digits) => `28${Date.now().toString().padStart(14, '0').slice(-14)}${digits}`;

/** The last exchanges of the sandbox in which it was called. */
export async function received() {
  const { exchanges } = await control('transcript');
  return exchanges.filter((one) => one.direction === 'in');
}

/** Whether something comes true before long. */
export async function eventually(what, probe) {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = await probe();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`in vain: ${what}`);
}

/** Listens for notices and keeps them by path; `reply` is what the wallet wants to hear. */
export async function listen(reply) {
  const notices = new Map();
  const server = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const heard = notices.get(request.url) ?? [];
      heard.push({ headers: request.headers, body: Buffer.concat(parts).toString('utf8') });
      notices.set(request.url, heard);
      response.end(reply);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${server.address().port}`;
  return {
    url: (path) => `${base}${path}`,
    notice: (path) => eventually(`a notice at ${path}`, () => notices.get(path)?.[0]),
    close: () => server.close(),
  };
}

/** The calls of one wallet that nobody has made yet: the sandbox lists what it has, its transcript what it heard. */
export async function uncalled(channel) {
  const { calls } = await control('calls');
  const heard = (await received()).map((one) => one.line);
  const isMade = ({ method, path, name }) => heard.some((line) => {
    const [verb, target] = line.split(' ');
    const url = new URL(target, SANDBOX);
    const pattern = path.split('/').map((part) => (part.startsWith('{') ? '[^/]+' : part)).join('/');
    return verb === method && new RegExp(`^(/[a-z]+)?${pattern}$`).test(url.pathname)
      && (name === undefined || url.searchParams.get('method') === name);
  });
  return calls.filter((call) => call.channel === channel && !isMade(call));
}
