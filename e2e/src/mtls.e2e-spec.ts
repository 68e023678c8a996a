import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as audit from '@oneclaw/contracts/audit';
import * as auth from '@oneclaw/contracts/auth';
import * as billing from '@oneclaw/contracts/billing';
import * as crypto from '@oneclaw/contracts/crypto';
import * as vault from '@oneclaw/contracts/vault';
import { CALL_GRAPH, createRpcClient, type ServiceDefinition } from '@oneclaw/rpc';
import { SERVICE_NAMES, type ServiceName, type Stack } from '@oneclaw/stack';
import { walkGoldenPath } from './golden-path.js';
import { answersOverTls, certificateOf, channelTo, knock, outcomeOf } from './rpc-clients.js';
import { gatewayOf, ownStack } from './stacks.js';
import { newOwner, newVault, type Owner } from './world.js';

const SERVERS = SERVICE_NAMES.filter((name) => name !== 'gateway');

const definitions = [audit, auth, billing, crypto, vault]
  .flatMap((module) => Object.values(module as Record<string, unknown>))
  .filter((value): value is ServiceDefinition => typeof value === 'object' && value !== null && 'fullName' in value);

const serverOf = (definition: ServiceDefinition): ServiceName =>
  `${definition.fullName.split('.')[1]}-svc` as ServiceName;

let stack: Stack;
let foreignCa: string;

beforeAll(async () => {
  stack = await ownStack({ mtls: true });
  foreignCa = mkdtempSync(path.join(os.tmpdir(), 'oneclaw-foreign-ca-'));
});

afterAll(async () => {
  await stack?.stop();
  rmSync(foreignCa, { recursive: true, force: true });
});

describe('services over mutual TLS', () => {
  it('walk the golden path', async () => {
    expect((await walkGoldenPath(gatewayOf(stack))).length).toBeGreaterThan(5);
  });

  it('answer a client that shows a certificate of our authority, and none without', async () => {
    const files = await certificateOf(stack, 'gateway');
    for (const name of SERVERS) {
      const port = stack.service(name).ports.main;
      expect([name, await answersOverTls(port, files)]).toEqual([name, true]);
      expect([name, await answersOverTls(port, { ca: files.ca })]).toEqual([name, false]);
    }
  });

  it('answer no client whose certificate another authority signed, whatever name it bears', async () => {
    const { ca } = await certificateOf(stack, 'gateway');
    const foreign = await certificateOf(stack, 'gateway', foreignCa);
    for (const name of SERVERS)
      expect([name, await answersOverTls(stack.service(name).ports.main, { ...foreign, ca })]).toEqual([name, false]);
  });

  it('answer no plaintext client, whatever name it gives itself', async () => {
    // All at once: each waits for its connection as long as it may.
    const refused = definitions.map(async (definition) => {
      const [self = 'gateway'] = CALL_GRAPH[definition.fullName] ?? [];
      const channel = channelTo({ stack, port: serverOf(definition), self });
      expect([definition.fullName, await knock(definition, channel)]).toEqual([definition.fullName, 'unavailable']);
      channel.close();
    });
    await Promise.all(refused);
  });

  it('are known by their names: a client refuses a server with the certificate of another service', async () => {
    const to = { stack, port: 'vault-svc', self: 'gateway', files: await certificateOf(stack, 'gateway') } as const;
    const [right, wrong] = [channelTo(to), channelTo({ ...to, target: 'auth-svc' })];
    expect(await knock(vault.HsmHealthServiceDefinition, right)).toBe('ok');
    expect(await knock(vault.HsmHealthServiceDefinition, wrong)).toBe('unavailable');
    for (const channel of [right, wrong]) channel.close();
  });

  it.each([...SERVICE_NAMES, 'operator', 'stranger'])(
    'let %s call the proto services that list it, and no other',
    async (name) => {
      const files = await certificateOf(stack, name);
      for (const port of SERVERS) {
        // What a client calls itself counts for nothing beside its certificate.
        const channel = channelTo({ stack, port, self: 'auth-svc', files });
        for (const definition of definitions.filter((each) => serverOf(each) === port)) {
          const listed = CALL_GRAPH[definition.fullName]?.includes(name) ?? false;
          const outcome = await knock(definition, channel);
          if (outcome === 'unimplemented') continue;
          expect([definition.fullName, outcome === 'permission_denied']).toEqual([definition.fullName, !listed]);
        }
        channel.close();
      }
    },
  );
});

/** A token of the form of a caller assertion, signed by a key of the attacker's own under our kid. */
function forgedLike(assertion: string, changes: Record<string, unknown>): string {
  const [header = '', payload = ''] = assertion.split('.');
  const claims = { ...(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object), ...changes };
  const input = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${input}.${sign(null, Buffer.from(input), generateKeyPairSync('ed25519').privateKey).toString('base64url')}`;
}

describe('a gateway that was taken over', () => {
  let owner: Owner;
  let assertion: string;

  /** Asks vault-svc for vaults, with the gateway's own certificate. */
  async function listVaults(presented?: string): Promise<string> {
    const files = await certificateOf(stack, 'gateway');
    const channel = channelTo({ stack, port: 'vault-svc', self: 'gateway', files });
    const vaults = createRpcClient(vault.VaultServiceDefinition, channel);
    const outcome = await outcomeOf(vaults.listVaults({}, { requestId: 'taken-over', assertion: presented }));
    channel.close();
    return outcome;
  }

  beforeAll(async () => {
    owner = await newOwner(gatewayOf(stack));
    await newVault(owner);
    const files = await certificateOf(stack, 'gateway');
    const channel = channelTo({ stack, port: 'auth-svc', self: 'gateway', files });
    const sessions = createRpcClient(auth.SessionServiceDefinition, channel);
    const { results } = await sessions.resolveCallers({ tokens: [owner.api.token ?? ''] }, { requestId: 'taken-over' });
    assertion = results[0]?.caller?.assertion ?? '';
    channel.close();
  });

  it('can replay the assertion of a caller for its minute', async () => {
    expect(await listVaults(assertion)).toBe('ok');
  });

  it('can invent no caller: none, a forged one, a changed one and a session token are refused', async () => {
    const [header, payload, signature] = assertion.split('.');
    const promoted = Buffer.from(payload ?? '', 'base64url')
      .toString()
      .replace(owner.orgId, owner.id);
    const invented = [
      undefined,
      forgedLike(assertion, {}),
      forgedLike(assertion, { org: owner.id, rol: 'owner' }),
      `${header}.${Buffer.from(promoted).toString('base64url')}.${signature}`,
      owner.api.token,
    ];
    for (const each of invented) expect(await listVaults(each)).toBe('unauthenticated');
  });

  it('gets nowhere with an assertion as a bearer token', async () => {
    (await gatewayOf(stack).as(assertion).get('/v1/vaults')).refused(401);
    (await gatewayOf(stack).as(assertion).delete('/v1/auth/token')).refused(401);
  });
});
