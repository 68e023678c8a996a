import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Module, type OnApplicationBootstrap } from '@nestjs/common';
import { TokenSigningServiceDefinition } from '@oneclaw/contracts/crypto';
import { Readiness } from '@oneclaw/telemetry';
import { createRpcClient, RpcChannel } from './client.js';
import { isServing } from './health-check.js';
import { RpcController } from './rpc-controller.js';
import { createService, type Service } from './service.js';
import { transportSecurity } from './transport-security.js';
import type { CallContext, RpcHandlers } from './types.js';

const base = { ONECLAW_PROFILE: 'local', LOG_LEVEL: 'silent', TLS_MODE: 'plaintext' } as const;
const host = '127.0.0.1';

/** What was executed, in whichever replica. */
let executed: string[] = [];

/** A method with effects: nobody may make the call a second time. */
@RpcController(TokenSigningServiceDefinition)
class SigningController implements RpcHandlers<typeof TokenSigningServiceDefinition> {
  async signTokens(_: object, { requestId }: CallContext): Promise<{ tokens: string[] }> {
    executed.push(requestId);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
    return { tokens: [requestId] };
  }
}

/** What the process says of itself once its modules are up, which is before it listens. */
let readyTooEarly: boolean | undefined;

@Module({ controllers: [SigningController] })
class SigningModule implements OnApplicationBootstrap {
  constructor(private readonly readiness: Readiness) {}

  async onApplicationBootstrap(): Promise<void> {
    readyTooEarly = (await this.readiness.report()).ready;
  }
}

const open = new Set<{ close(): unknown }>();
afterEach(async () => {
  for (const each of [...open].reverse()) await each.close();
  open.clear();
  executed = [];
});

async function replicaOn(port: number): Promise<Service> {
  const service = await createService({
    name: 'crypto-svc',
    config: { ...base, ADMIN_LISTEN: { host, port: 0 }, GRPC_LISTEN: { host, port } },
    module: SigningModule,
    services: [TokenSigningServiceDefinition],
    verifiesCallers: false,
  });
  open.add(service);
  return service;
}

async function stop(service: Service): Promise<void> {
  open.delete(service);
  await service.close();
}

function clientOf(ports: number[], options: { timeoutMs?: number } = {}) {
  const url = ports.map((port) => `${host}:${port}`).join(',');
  const security = transportSecurity(base);
  const channel = new RpcChannel({ self: 'auth-svc', target: 'crypto-svc', url, security, ...options });
  open.add(channel);
  const { signTokens } = createRpcClient(TokenSigningServiceDefinition, channel);
  return { channel, sign: async (requestId: string) => (await signTokens({}, { requestId })).tokens[0] };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const CALLERS = 32;
const ROUNDS = 3;

describe('a call with effects', () => {
  it('is executed once while replicas are replaced one after the other, each as soon as the one before is ready', async () => {
    const ports = [await freePort(), await freePort()];
    const replicas = await Promise.all(ports.map(replicaOn));
    const { sign } = clientOf(ports);
    const made: string[] = [];
    let replacing = true;
    const caller = async (name: number) => {
      for (let n = 0; replacing; n += 1) {
        const id = `${name}-${n}`;
        made.push(id);
        expect(await sign(id)).toBe(id);
      }
    };
    const callers = Promise.all(Array.from({ length: CALLERS }, (_, name) => caller(name)));
    const replace = async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const [index, port] of ports.entries()) {
          await stop(replicas[index]!);
          replicas[index] = await replicaOn(port);
        }
      }
    };
    await Promise.race([replace(), callers]).finally(() => (replacing = false));
    await callers;
    expect(executed.toSorted()).toEqual(made.toSorted());
  });

  it('waits for the only replica to come back', async () => {
    const port = await freePort();
    const { channel, sign } = clientOf([port]);
    const before = await replicaOn(port);
    await sign('before');
    await stop(before);
    // The answer of the health protocol, which waits for nothing, says that the connection is gone.
    await expect(isServing(channel, 1000)).resolves.toBe(false);
    const answer = sign('between');
    await replicaOn(port);
    await expect(answer).resolves.toBe('between');
    expect(executed).toEqual(['before', 'between']);
  });

  it('waits no longer than a connection may take, and not again before there was one', async () => {
    const port = await freePort();
    // Deadlines come after the end of this test.
    const { channel, sign } = clientOf([port], { timeoutMs: 600_000 });
    expect(channel.waits()).toBe(true);
    await expect(sign('in vain')).rejects.toMatchObject({ code: 'unavailable' });
    expect(channel.waits()).toBe(false);
    await replicaOn(port);
    await becomesServing(channel);
    expect(channel.waits()).toBe(true);
  });
});

describe('a service', () => {
  it('is not ready before it accepts calls', async () => {
    const service = await replicaOn(0);
    expect(readyTooEarly).toBe(false);
    await expect(service.get(Readiness).report()).resolves.toMatchObject({ ready: true });
    const { channel } = clientOf([service.grpcPort]);
    await becomesServing(channel);
  });
});

/** Ends with the test's time limit. */
async function becomesServing(channel: RpcChannel): Promise<void> {
  while (!(await isServing(channel, 1000)));
}
