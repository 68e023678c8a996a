import { afterEach, describe, expect, it } from '@jest/globals';
import { EnvelopeServiceDefinition } from '@oneclaw/contracts/crypto';
import { createRpcClient, RpcChannel } from './client.js';
import { EmptyServer } from './empty-server.js';
import { transportSecurity } from './transport-security.js';

const config = { ONECLAW_PROFILE: 'local', LOG_LEVEL: 'silent', TLS_MODE: 'plaintext' } as const;

let closing: { close(): void }[] = [];
afterEach(() => {
  for (const each of closing) each.close();
  closing = [];
});

async function clientOf(server: EmptyServer) {
  const security = transportSecurity(config);
  const channel = new RpcChannel({ self: 'auth-svc', target: 'crypto-svc', url: await server.listen(), security });
  closing.push(channel, server);
  return createRpcClient(EnvelopeServiceDefinition, channel);
}

describe('a call that the server refused before it began', () => {
  it('is made again, also when it has effects: nobody has seen it', async () => {
    const server = new EmptyServer(1);
    const client = await clientOf(server);
    await expect(client.createKeks({ count: 1 }, { requestId: 'r' })).resolves.toMatchObject({ keks: [] });
    expect(server.calls).toBe(2);
  });

  it('is made again when it met with the same elsewhere, as while every replica is replaced', async () => {
    const server = new EmptyServer(5);
    const client = await clientOf(server);
    await expect(client.createKeks({ count: 1 }, { requestId: 'r' })).resolves.toMatchObject({ keks: [] });
    expect(server.calls).toBe(6);
  });

  it('is made again a few times, not for ever', async () => {
    const server = new EmptyServer(100);
    const client = await clientOf(server);
    await expect(client.createKeks({ count: 1 }, { requestId: 'r' })).rejects.toMatchObject({ code: 'unavailable' });
    expect(server.calls).toBe(6);
  });
});
