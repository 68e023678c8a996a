import { describe, expect, it } from '@jest/globals';
import net from 'node:net';
import { assertFixedPortsFree, fixedPorts } from '../setup/ports.mjs';
import { freePort } from './ports.js';

async function listening<T>(host: string, work: (port: number) => Promise<T>): Promise<T> {
  const port = await freePort();
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  try {
    return await work(port);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('the fixed ports', () => {
  it('are named when somebody else has one, together with the variable that changes it', async () => {
    await listening('127.0.0.1', async (mailWeb) => {
      const ports = { gateway: await freePort(), mailWeb, smtp: await freePort() };
      await expect(assertFixedPortsFree(ports)).rejects.toThrow(
        `Port ${mailWeb}, for the page that shows sent mail, is in use by another program. Stop the program that has it, or choose another: MAIL_PORT=${mailWeb + 1} npm start`,
      );
    });
  });

  it('count as taken when a program has them on all addresses', async () => {
    await listening('0.0.0.0', async (gateway) => {
      const ports = { gateway, mailWeb: await freePort(), smtp: await freePort() };
      await expect(assertFixedPortsFree(ports)).rejects.toThrow(`Port ${gateway}, for the API, is in use`);
    });
  });

  it('come from the environment, and refuse what is no port', () => {
    expect(fixedPorts({ PORT: '9000' })).toEqual({ gateway: 9000, mailWeb: 1080, smtp: 1025 });
    expect(() => fixedPorts({ SMTP_PORT: 'mail' })).toThrow(
      'SMTP_PORT is "mail"; it must be a port between 1 and 65535.',
    );
  });
});

describe('a free port', () => {
  it('is below those that the system gives to outgoing connections, and given out once', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
    expect(new Set(ports).size).toBe(20);
    for (const port of ports) expect(port).toBeLessThan(32_000);
  });

  it('is not one that another worker of the same test run could choose', async () => {
    const remainders = new Set(
      (await Promise.all(Array.from({ length: 20 }, () => freePort()))).map((port) => port % 8),
    );
    expect([...remainders]).toEqual([Number(process.env['JEST_WORKER_ID']) % 8]);
  });
});
