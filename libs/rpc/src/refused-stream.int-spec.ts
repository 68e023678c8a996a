import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { EnvelopeServiceDefinition } from '@oneclaw/contracts/crypto';
import { createRpcClient, RpcChannel } from './client.js';
import { transportSecurity } from './transport-security.js';

const config = { ONECLAW_PROFILE: 'local', LOG_LEVEL: 'silent', TLS_MODE: 'plaintext' } as const;

/** A server that refuses some streams before looking at them, as one does whose connection has reached its maximum age. */
class RefusingServer {
  calls = 0;
  private readonly server = http2.createServer();

  constructor(private refusals: number) {
    this.server.on('stream', (stream) => {
      this.calls += 1;
      stream.on('error', () => undefined);
      if (this.refusals-- > 0) return stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      // An empty message: no compression, no bytes.
      stream.end(Buffer.alloc(5));
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
  }
}

let closing: { close(): void }[] = [];
afterEach(() => {
  for (const each of closing) each.close();
  closing = [];
});

async function clientOf(server: RefusingServer) {
  const security = transportSecurity(config);
  const channel = new RpcChannel({ self: 'auth-svc', target: 'crypto-svc', url: await server.listen(), security });
  closing.push(channel, server);
  return createRpcClient(EnvelopeServiceDefinition, channel);
}

describe('a call that the server refused before it began', () => {
  it('is made again, also when it has effects: nobody has seen it', async () => {
    const server = new RefusingServer(1);
    const client = await clientOf(server);
    await expect(client.createKeks({ count: 1 }, { requestId: 'r' })).resolves.toMatchObject({ keks: [] });
    expect(server.calls).toBe(2);
  });

  it('is made again once, not for ever', async () => {
    const server = new RefusingServer(100);
    const client = await clientOf(server);
    await expect(client.createKeks({ count: 1 }, { requestId: 'r' })).rejects.toMatchObject({ code: 'unavailable' });
    expect(server.calls).toBe(2);
  });
});
