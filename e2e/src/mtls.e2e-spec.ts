import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http2 from 'node:http2';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as audit from '@oneclaw/contracts/audit';
import * as auth from '@oneclaw/contracts/auth';
import * as billing from '@oneclaw/contracts/billing';
import * as crypto from '@oneclaw/contracts/crypto';
import * as vault from '@oneclaw/contracts/vault';
import { isDomainError } from '@oneclaw/errors';
import { CALL_GRAPH, createRpcClient, RpcChannel, transportSecurity, type ServiceDefinition } from '@oneclaw/rpc';
import { DevCa, SERVICE_NAMES, type ServiceName, type Stack, type TlsFiles } from '@oneclaw/stack';
import { walkGoldenPath } from './golden-path.js';
import { gatewayOf, ownStack } from './stacks.js';

const SERVERS = SERVICE_NAMES.filter((name) => name !== 'gateway');

const definitions = [audit, auth, billing, crypto, vault]
  .flatMap((module) => Object.values(module as Record<string, unknown>))
  .filter((value): value is ServiceDefinition => typeof value === 'object' && value !== null && 'fullName' in value);

let stack: Stack;
let foreignFolder: string;

beforeAll(async () => {
  stack = await ownStack({ mtls: true });
  foreignFolder = mkdtempSync(path.join(os.tmpdir(), 'oneclaw-foreign-ca-'));
});

afterAll(async () => {
  await stack?.stop();
  rmSync(foreignFolder, { recursive: true, force: true });
});

const serverOf = (definition: ServiceDefinition): ServiceName =>
  `${definition.fullName.split('.')[1]}-svc` as ServiceName;

async function certificateOf(name: string, ca = stack.state.at('tls')): Promise<TlsFiles> {
  return (await DevCa.open(ca)).issue(name);
}

function channelTo(target: ServiceName, self: string, files?: TlsFiles): RpcChannel {
  const tls = files
    ? ({ TLS_MODE: 'mtls', TLS_CA_FILE: files.ca, TLS_CERT_FILE: files.cert, TLS_KEY_FILE: files.key } as const)
    : ({ TLS_MODE: 'plaintext' } as const);
  const config = {
    ONECLAW_PROFILE: 'local',
    LOG_LEVEL: 'silent',
    ADMIN_LISTEN: { host: '127.0.0.1', port: 0 },
    ...tls,
  } as const;
  const url = `127.0.0.1:${stack.service(target).ports.main}`;
  return new RpcChannel({ self, target, url, security: transportSecurity(config), timeoutMs: 2000 });
}

/** What calling the first method of a proto service with an empty request comes to: an error code, or "ok". */
async function outcome(definition: ServiceDefinition, channel: RpcChannel): Promise<string> {
  const [method = ''] = Object.keys(definition.methods);
  const client = createRpcClient(definition, channel) as Record<
    string,
    (request: object, call: object) => Promise<unknown>
  >;
  try {
    await client[method]?.({}, { requestId: 'mtls-suite' });
    return 'ok';
  } catch (error) {
    return isDomainError(error) ? error.code : `not a domain error: ${String(error)}`;
  }
}

/** Whether an HTTP/2 server behind TLS answers a request of a client that shows this certificate, or none. */
function answersOverTls(port: number, files: { ca: string; cert?: string; key?: string }): Promise<boolean> {
  const read = (file: string | undefined): Buffer | undefined => (file === undefined ? undefined : readFileSync(file));
  return new Promise((resolve) => {
    const options = { ca: read(files.ca), cert: read(files.cert), key: read(files.key), servername: 'localhost' };
    const session = http2.connect(`https://127.0.0.1:${port}`, options);
    const finish = (answered: boolean): void => {
      resolve(answered);
      session.destroy();
    };
    session.on('error', () => finish(false));
    session.on('close', () => finish(false));
    const request = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    request.on('error', () => finish(false));
    request.on('response', () => finish(true));
    request.end(Buffer.alloc(5));
  });
}

describe('services over mutual TLS', () => {
  it('walk the golden path', async () => {
    expect((await walkGoldenPath(gatewayOf(stack))).length).toBeGreaterThan(5);
  });

  it('answer a client that shows a certificate of our authority', async () => {
    for (const name of SERVERS) {
      const answered = await answersOverTls(stack.service(name).ports.main, await certificateOf('gateway'));
      expect([name, answered]).toEqual([name, true]);
    }
  });

  it('answer no client without a certificate', async () => {
    const { ca } = await certificateOf('gateway');
    for (const name of SERVERS)
      expect([name, await answersOverTls(stack.service(name).ports.main, { ca })]).toEqual([name, false]);
  });

  it('answer no client whose certificate another authority signed, whatever name it bears', async () => {
    const { ca } = await certificateOf('gateway');
    for (const name of SERVERS) {
      const foreign = await certificateOf('gateway', foreignFolder);
      const answered = await answersOverTls(stack.service(name).ports.main, { ...foreign, ca });
      expect([name, answered]).toEqual([name, false]);
    }
  });

  it('answer no plaintext client, whatever name it gives itself', async () => {
    for (const definition of definitions) {
      const [caller = 'gateway'] = CALL_GRAPH[definition.fullName] ?? [];
      const channel = channelTo(serverOf(definition), caller);
      expect([definition.fullName, await outcome(definition, channel)]).toEqual([definition.fullName, 'unavailable']);
      channel.close();
    }
  });

  it('do not pass for one another: a client refuses a server with the certificate of another service', async () => {
    const config = await certificateOf('gateway');
    const channel = channelTo('vault-svc', 'gateway', config);
    const wrongTarget = new RpcChannel({
      self: 'gateway',
      target: 'auth-svc',
      url: `127.0.0.1:${stack.service('vault-svc').ports.main}`,
      security: transportSecurity({
        ONECLAW_PROFILE: 'local',
        LOG_LEVEL: 'silent',
        ADMIN_LISTEN: { host: '127.0.0.1', port: 0 },
        TLS_MODE: 'mtls',
        TLS_CA_FILE: config.ca,
        TLS_CERT_FILE: config.cert,
        TLS_KEY_FILE: config.key,
      }),
      timeoutMs: 2000,
    });
    expect(await outcome(vault.HsmHealthServiceDefinition, channel)).toBe('ok');
    expect(await outcome(vault.HsmHealthServiceDefinition, wrongTarget)).toBe('unavailable');
    for (const each of [channel, wrongTarget]) each.close();
  });

  it.each([...SERVICE_NAMES, 'stranger'])('let %s call the proto services that list it, and no other', async (name) => {
    const files = await certificateOf(name);
    for (const target of SERVERS) {
      const channel = channelTo(target, 'auth-svc', files);
      for (const definition of definitions.filter((each) => serverOf(each) === target)) {
        const listed = CALL_GRAPH[definition.fullName]?.includes(name) ?? false;
        const refused = (await outcome(definition, channel)) === 'permission_denied';
        expect([definition.fullName, refused]).toEqual([definition.fullName, !listed]);
      }
      channel.close();
    }
  });
});
