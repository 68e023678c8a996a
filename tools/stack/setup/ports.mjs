import net from 'node:net';
import { SetupError } from './root.mjs';

/** The ports that people type; everything between the services takes free ones. */
const FIXED = [
  { name: 'gateway', variable: 'PORT', port: 8080, what: 'the API' },
  { name: 'mailWeb', variable: 'MAIL_PORT', port: 1080, what: 'the page that shows sent mail' },
  { name: 'smtp', variable: 'SMTP_PORT', port: 1025, what: 'the mail catcher' },
];

/** @returns {{ gateway: number, mailWeb: number, smtp: number }} */
export function fixedPorts(env = process.env) {
  return Object.fromEntries(FIXED.map(({ name, variable, port }) => [name, parsePort(variable, env[variable], port)]));
}

/** Fails with a sentence that names the port and the variable that changes it. */
export async function assertFixedPortsFree(ports, host = '127.0.0.1') {
  for (const { name, variable, what } of FIXED) {
    const port = ports[name];
    const problem = await whyNot(port, host);
    if (!problem) continue;
    throw new SetupError(
      `Port ${port}, for ${what}, ${problem}. Stop the program that has it, or choose another: ${variable}=${port + 1} npm start`,
    );
  }
}

/** @returns {Promise<string | undefined>} why the port cannot be had */
export async function whyNot(port, host = '127.0.0.1') {
  // Browsers try ::1 first for "localhost": a stranger there would answer in our place.
  for (const address of host === '127.0.0.1' ? [host, '::1'] : [host]) {
    const code = await tryListen(port, address);
    if (code === 'EADDRINUSE') return 'is in use by another program';
    if (code === 'EACCES') return 'may not be opened by this user';
    if (code && address !== '::1') return `cannot be opened (${code})`;
  }
  return undefined;
}

function tryListen(port, host) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error) => resolve(error.code ?? 'unknown'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

function parsePort(variable, given, fallback) {
  if (given === undefined || given === '') return fallback;
  const port = Number(given);
  if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new SetupError(`${variable} is "${given}"; it must be a port between 1 and 65535.`);
}
