import { connectivityState } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EnvelopeServiceDefinition } from '@oneclaw/contracts/crypto';
import { startTcpProxy, type TcpProxy } from '@oneclaw/testing';
import { createRpcClient, RpcChannel } from './client.js';
import { EmptyServer } from './empty-server.js';
import { transportSecurity } from './transport-security.js';
import type { RpcClient } from './types.js';

const config = { ONECLAW_PROFILE: 'local', LOG_LEVEL: 'silent', TLS_MODE: 'plaintext' } as const;
const call = { requestId: 'r' };
/** What a service may take to come back by itself. */
const SERVICE_BACK_MS = 10_000;

let server: EmptyServer;
let proxy: TcpProxy;
let channel: RpcChannel;
let client: RpcClient<typeof EnvelopeServiceDefinition>;

beforeEach(async () => {
  server = new EmptyServer();
  proxy = await startTcpProxy(`tcp://${await server.listen()}`);
  const url = `127.0.0.1:${proxy.port}`;
  channel = new RpcChannel({ self: 'auth-svc', target: 'crypto-svc', url, security: transportSecurity(config) });
  client = createRpcClient(EnvelopeServiceDefinition, channel);
});

afterEach(async () => {
  channel.close();
  await proxy.close();
  server.close();
});

describe('a connection whose other end vanished without a word', () => {
  beforeEach(async () => {
    await client.createKeks({ count: 1 }, call);
    proxy.halfOpen();
  });

  it('is replaced though nobody uses it, so that no call pays for it', async () => {
    await leaves(connectivityState.READY);
    await becomes(connectivityState.READY);
    expect(server.connections).toBe(2);
    await client.createKeks({ count: 1 }, call);
    expect(server.calls).toBe(2);
  });

  it('does not fail a read that is under way: there is time to make it again', async () => {
    await client.open({}, call);
    expect(server.connections).toBe(2);
  });

  it('fails what has effects as unavailable, and does not make it again', async () => {
    await expect(client.createKeks({ count: 1 }, call)).rejects.toMatchObject({ code: 'unavailable' });
    expect(server.calls).toBe(1);
  });
});

describe('a connection that nobody answers while it is made', () => {
  it('is given up and made anew', async () => {
    proxy.stall('both');
    await expect(client.createKeks({ count: 1 }, call)).rejects.toMatchObject({ code: 'unavailable' });
    // What was begun is stuck for good; what begins from now on gets through.
    proxy.halfOpen();
    proxy.resume();
    await becomes(connectivityState.READY);
    await client.createKeks({ count: 1 }, call);
    expect(server.calls).toBe(1);
  });
});

async function becomes(wanted: connectivityState): Promise<void> {
  const giveUpAt = Date.now() + SERVICE_BACK_MS;
  while (stateNow() !== wanted) await leaves(stateNow(), giveUpAt);
}

function leaves(state: connectivityState, giveUpAt = Date.now() + SERVICE_BACK_MS): Promise<void> {
  return new Promise((resolve, reject) => {
    channel.client.getChannel().watchConnectivityState(state, giveUpAt, (error) => (error ? reject(error) : resolve()));
  });
}

function stateNow(): connectivityState {
  return channel.client.getChannel().getConnectivityState(false);
}
