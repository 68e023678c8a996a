import { Client, credentials } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { HsmStatusServiceDefinition, MacServiceDefinition } from '@oneclaw/contracts/crypto';
import { DomainError, invalid } from '@oneclaw/errors';
import { createRpcClient, RpcChannel } from './client.js';
import { Readiness } from '@oneclaw/telemetry';
import { service as standardHealth } from 'grpc-health-check';
import { isServing, peerHealth, type PeerHealth } from './health-check.js';
import { RpcController } from './rpc-controller.js';
import { createService, type Service } from './service.js';
import { transportSecurity } from './transport-security.js';
import type { CallContext, RpcHandlers } from './types.js';

const base = { ONECLAW_PROFILE: 'local', LOG_LEVEL: 'silent', TLS_MODE: 'plaintext' } as const;
const anyPort = { host: '127.0.0.1', port: 0 };

@RpcController(MacServiceDefinition)
class MacController implements RpcHandlers<typeof MacServiceDefinition> {
  async computeMacs(
    request: { inputs: { purpose: string; data: Uint8Array }[] },
    context: CallContext,
  ): Promise<{ macs: Buffer[] }> {
    const [input] = request.inputs;
    if (input?.purpose === 'bad') throw invalid('The purpose is not known.', { purpose: 'unknown' });
    if (input?.purpose === 'bug') throw new Error('connection string postgres://secret');
    if (input?.purpose === 'slow') await new Promise((resolve) => setTimeout(resolve, 300));
    return {
      macs: [Buffer.from(`${context.peer} ${context.requestId} ${context.clientIp} ${context.assertion ?? ''}`)],
    };
  }
}

@Module({ controllers: [MacController] })
class MacModule {}

const open: { close(): unknown }[] = [];

async function startMacService(): Promise<Service> {
  const config = { ...base, ADMIN_LISTEN: anyPort, GRPC_LISTEN: anyPort };
  const services = [MacServiceDefinition];
  const service = await createService({
    name: 'crypto-svc',
    config,
    module: MacModule,
    services,
    verifiesCallers: false,
  });
  open.push(service);
  return service;
}

function macClient(service: Service, self: string, timeoutMs = 2000) {
  const security = transportSecurity(base);
  const channel = new RpcChannel({
    self,
    target: 'crypto-svc',
    url: `127.0.0.1:${service.grpcPort}`,
    security,
    timeoutMs,
  });
  open.push(channel);
  return { channel, client: createRpcClient(MacServiceDefinition, channel) };
}

const call = { requestId: 'r-1', clientIp: '192.0.2.7' };
const input = (purpose: string) => ({ inputs: [{ purpose, data: Buffer.from('x') }] });

afterEach(async () => {
  for (const item of open.splice(0).reverse()) await item.close();
});

describe('an RPC between two services', () => {
  it('carries the request id and the peer to the handler', async () => {
    const { client } = macClient(await startMacService(), 'auth-svc');
    const { macs } = await client.computeMacs(input('api-key'), call);
    expect(Buffer.from(macs[0]!).toString()).toContain('auth-svc r-1');
  });

  it('tells crypto-svc neither the client address nor the caller', async () => {
    const { client } = macClient(await startMacService(), 'auth-svc');
    const { macs } = await client.computeMacs(input('api-key'), { ...call, assertion: 'an.assertion.jws' });
    expect(Buffer.from(macs[0]!).toString()).toBe('auth-svc r-1  ');
  });

  it('is refused when the caller is not on the list of the proto service', async () => {
    const { client } = macClient(await startMacService(), 'gateway');
    await expect(client.computeMacs(input('api-key'), call)).rejects.toMatchObject({ code: 'permission_denied' });
  });

  it('keeps the code, message and fields of an error', async () => {
    const { client } = macClient(await startMacService(), 'auth-svc');
    const error = await client.computeMacs(input('bad'), call).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DomainError);
    expect(error).toMatchObject({
      code: 'invalid_argument',
      message: 'The purpose is not known.',
      fields: { purpose: 'unknown' },
    });
  });

  it('tells nothing of an unexpected error', async () => {
    const { client } = macClient(await startMacService(), 'auth-svc');
    const error = await client.computeMacs(input('bug'), call).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'internal' });
    expect(String((error as Error).message)).not.toContain('secret');
  });

  it('ends as unavailable when the deadline passes', async () => {
    const { client } = macClient(await startMacService(), 'auth-svc', 100);
    await expect(client.computeMacs(input('slow'), call)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('ends as unavailable when nobody listens', async () => {
    const service = await startMacService();
    const { client } = macClient(service, 'auth-svc');
    await client.computeMacs(input('api-key'), call);
    await service.close();
    open.splice(open.indexOf(service), 1);
    await expect(client.computeMacs(input('api-key'), call)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('does not exist for a proto service that is not served', async () => {
    const { channel } = macClient(await startMacService(), 'auth-svc');
    const other = createRpcClient(HsmStatusServiceDefinition, channel);
    await expect(other.getHsmStatus({}, call)).rejects.toMatchObject({ code: 'internal' });
  });

  it('is preceded by the question whether the other end serves', async () => {
    const service = await startMacService();
    const { channel } = macClient(service, 'gateway');
    await expect(isServing(channel, 1000)).resolves.toBe(true);
    await service.close();
    open.splice(open.indexOf(service), 1);
    await expect(isServing(channel, 1000)).resolves.toBe(false);
  });

  it('may go on while the question how the other end is says that its effects are late', async () => {
    const service = await startMacService();
    const { channel, client } = macClient(service, 'auth-svc');
    await expect(peerHealth(channel, 1000)).resolves.toBe('ok');
    let seconds = 11;
    service.get(Readiness).lag('outbox_lag_seconds', () => seconds);
    await becomes(channel, 'late');
    await expect(client.computeMacs(input('api-key'), call)).resolves.toBeDefined();
    seconds = 0;
    await becomes(channel, 'ok');
    await service.close();
    open.splice(open.indexOf(service), 1);
    await expect(peerHealth(channel, 1000)).resolves.toBe('down');
  });
});

/** As the clients of others ask: the codecs are those of the usual library, made from the published proto. */
describe('the standard health protocol', () => {
  const check = (client: Client, service: string) => {
    const { path, requestSerialize, responseDeserialize } = standardHealth['Check']!;
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service }, (error, answer) =>
        error ? reject(error) : resolve(answer),
      );
    });
  };

  const watch = (client: Client, service: string) => {
    const { path, requestSerialize, responseDeserialize } = standardHealth['Watch']!;
    const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service });
    return stream[Symbol.asyncIterator]() as AsyncIterator<{ status: string }>;
  };

  function strangerTo(service: Service): Client {
    const client = new Client(`127.0.0.1:${service.grpcPort}`, credentials.createInsecure());
    open.push(client);
    return client;
  }

  it('says of the process, of each of its services and of its lag that they serve, and knows no others', async () => {
    const service = await startMacService();
    const client = strangerTo(service);
    await becomes(macClient(service, 'gateway').channel, 'ok');
    for (const name of ['', MacServiceDefinition.fullName, 'oneclaw.current']) {
      await expect(check(client, name)).resolves.toEqual({ status: 'SERVING' });
    }
    await expect(check(client, 'not.served.Here')).rejects.toMatchObject({ code: 5 });
  });

  it('tells those who watch of each change once, and lets go of them at the end', async () => {
    const service = await startMacService();
    const client = strangerTo(service);
    await becomes(macClient(service, 'gateway').channel, 'ok');
    const current = watch(client, 'oneclaw.current');
    const process = watch(client, '');
    const unknown = watch(client, 'not.served.Here');
    await expect(current.next()).resolves.toEqual({ done: false, value: { status: 'SERVING' } });
    await expect(process.next()).resolves.toEqual({ done: false, value: { status: 'SERVING' } });
    await expect(unknown.next()).resolves.toEqual({ done: false, value: { status: 'SERVICE_UNKNOWN' } });
    service.get(Readiness).lag('outbox_lag_seconds', () => 11);
    await expect(current.next()).resolves.toEqual({ done: false, value: { status: 'NOT_SERVING' } });
    await service.close();
    open.splice(open.indexOf(service), 1);
    await expect(process.next()).resolves.toEqual({ done: false, value: { status: 'NOT_SERVING' } });
    for (const stream of [current, process, unknown]) {
      await expect(stream.next()).resolves.toEqual({ done: true, value: undefined });
    }
  });
});

/** Ends with the test's time limit. */
async function becomes(channel: RpcChannel, health: PeerHealth): Promise<void> {
  while ((await peerHealth(channel, 1000)) !== health) await new Promise((resolve) => setTimeout(resolve, 50));
}
