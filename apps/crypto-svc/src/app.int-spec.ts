import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AgentKeyServiceDefinition,
  CheckpointServiceDefinition,
  EnvelopeServiceDefinition,
  HsmStatusServiceDefinition,
  KeyUse,
  MacServiceDefinition,
  OpenResult_Status,
  SealResult_Status,
  PublicKeyServiceDefinition,
  TokenKind,
  TokenSigningServiceDefinition,
  TotpCheckResult_Status,
  TotpServiceDefinition,
  type WrappedKek,
} from '@oneclaw/contracts/crypto';
import { RpcChannel, createRpcClient, transportSecurity, type Service, type ServiceDefinition } from '@oneclaw/rpc';
import { eventually } from '@oneclaw/testing';
import { createApp } from './app.js';
import { SoftToken } from './hsm/testing/soft-token.js';
import { codeAt, stepAt } from './totp/totp.js';

const ANY_PORT = { host: '127.0.0.1', port: 0 };
const call = { requestId: 'r-1' };
const associatedData = randomBytes(32);

let token: SoftToken;
let app: Service;
const channels = new Map<string, RpcChannel>();

beforeAll(async () => {
  token = await SoftToken.withKeys();
  app = await start();
});
afterAll(async () => {
  for (const channel of channels.values()) channel.close();
  await app.close();
  token.destroy();
});

const base = { ONECLAW_PROFILE: 'local', LOG_LEVEL: 'silent', TLS_MODE: 'plaintext', ADMIN_LISTEN: ANY_PORT } as const;

function start(): Promise<Service> {
  const hsm = { PKCS11_MODULE: token.modulePath, PKCS11_TOKEN_LABEL: token.label, PKCS11_PIN_FILE: token.pin };
  const limits = { HSM_WORKERS: 2, HSM_CALL_TIMEOUT: 3000, HSM_QUEUE_LIMIT: 1000, HSM_KEK_CACHE: 100 };
  return createApp({ ...base, ...hsm, ...limits, GRPC_LISTEN: ANY_PORT });
}

function client<D extends ServiceDefinition>(definition: D, self = 'vault-svc') {
  const known = channels.get(self);
  const url = `127.0.0.1:${app.grpcPort}`;
  const channel = known ?? new RpcChannel({ self, target: 'crypto-svc', url, security: transportSecurity(base) });
  channels.set(self, channel);
  return createRpcClient(definition, channel);
}

async function readiness() {
  const response = await fetch(`http://127.0.0.1:${app.adminPort}/readyz`);
  return { status: response.status, ...((await response.json()) as { checks: Record<string, string> }) };
}

async function newKek(): Promise<WrappedKek> {
  const { keks } = await client(EnvelopeServiceDefinition).createKeks({ count: 1 }, call);
  return keks[0]!;
}

const publicKeyOf = (point: Uint8Array) =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(point).toString('base64url') }, format: 'jwk' });

describe('EnvelopeService', () => {
  it('opens what it sealed under several KEKs, and says which item is damaged', async () => {
    const envelopes = client(EnvelopeServiceDefinition);
    const keks = [await newKek(), await newKek()];
    const values = ['one', 'two', ''].map((text) => Buffer.from(text));
    const items = values.map((plaintext, index) => ({ kekIndex: index % 2, associatedData, plaintext }));
    const { results: sealed } = await envelopes.seal({ keks, items }, call);

    const opening = sealed.map(({ envelope }, index) => ({ kekIndex: index % 2, associatedData, envelope }));
    opening[1]!.kekIndex = 0;
    const { results } = await envelopes.open({ keks, items: opening }, call);

    expect(results).toEqual([
      { status: OpenResult_Status.OPENED, plaintext: values[0] },
      { status: OpenResult_Status.DAMAGED, plaintext: Buffer.alloc(0) },
      { status: OpenResult_Status.OPENED, plaintext: values[2] },
    ]);
  });

  it('seals nothing under a KEK that was tampered with, and goes on under the others', async () => {
    const envelopes = client(EnvelopeServiceDefinition);
    const [intact, tampered, malformed] = [await newKek(), await newKek(), await newKek()];
    tampered.wrapped[30]! ^= 1;
    const keks = [intact, tampered, { ...malformed, wrapped: Buffer.alloc(60) }];
    const items = [0, 1, 2, 0].map((kekIndex) => ({ kekIndex, associatedData, plaintext: Buffer.from('x') }));
    const { results } = await envelopes.seal({ keks, items }, call);
    const { SEALED, DAMAGED_KEK } = SealResult_Status;
    expect(results.map(({ status }) => status)).toEqual([SEALED, DAMAGED_KEK, DAMAGED_KEK, SEALED]);
    expect(results.map(({ envelope }) => envelope !== undefined)).toEqual([true, false, false, true]);
  });

  it('opens under intact KEKs what came together with a damaged one', async () => {
    const envelopes = client(EnvelopeServiceDefinition);
    const keks = [await newKek(), await newKek()];
    const items = [0, 1].map((kekIndex) => ({ kekIndex, associatedData, plaintext: Buffer.from(`x${kekIndex}`) }));
    const { results: sealed } = await envelopes.seal({ keks, items }, call);
    const opening = sealed.map(({ envelope }, kekIndex) => ({ kekIndex, associatedData, envelope }));
    keks[0]!.wrapped[30]! ^= 1;
    const { results } = await envelopes.open({ keks, items: opening }, call);
    expect(results).toEqual([
      { status: OpenResult_Status.DAMAGED, plaintext: Buffer.alloc(0) },
      { status: OpenResult_Status.OPENED, plaintext: Buffer.from('x1') },
    ]);
  });

  it('moves an envelope to another KEK', async () => {
    const envelopes = client(EnvelopeServiceDefinition);
    const [from, to] = [await newKek(), await newKek()];
    const plaintext = randomBytes(1000);
    const { results: sealed } = await envelopes.seal(
      { keks: [from], items: [{ kekIndex: 0, associatedData, plaintext }] },
      call,
    );
    const { wrappedDek, sealedValue } = sealed[0]!.envelope!;

    const items = [
      { associatedData, wrappedDek },
      { associatedData, wrappedDek: wrappedDek.subarray(1) },
    ];
    const { wrappedDeks } = await envelopes.rewrapDeks({ from, to, items }, call);

    expect(wrappedDeks[1]).toHaveLength(0);
    const envelope = { wrappedDek: wrappedDeks[0]!, sealedValue };
    const { results } = await envelopes.open({ keks: [to], items: [{ kekIndex: 0, associatedData, envelope }] }, call);
    expect(results[0]!.plaintext).toEqual(plaintext);
  });

  it('refuses an index outside of the KEKs, and more KEKs than a hundred', async () => {
    const envelopes = client(EnvelopeServiceDefinition);
    const item = { kekIndex: 1, associatedData, plaintext: Buffer.from('x') };
    await expect(envelopes.seal({ keks: [await newKek()], items: [item] }, call)).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    await expect(envelopes.createKeks({ count: 101 }, call)).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('serves vault-svc and auth-svc only', async () => {
    for (const peer of ['gateway', 'billing-svc', 'audit-svc']) {
      const refused = client(EnvelopeServiceDefinition, peer).createKeks({ count: 1 }, call);
      await expect(refused).rejects.toMatchObject({ code: 'permission_denied' });
    }
  });
});

describe('AgentKeyService', () => {
  it('makes pairs whose private halves open only as envelopes', async () => {
    const kek = await newKek();
    const data = { ed25519AssociatedData: randomBytes(32), p256AssociatedData: randomBytes(32) };
    const { items } = await client(AgentKeyServiceDefinition).generateAgentKeys({ kek, items: [data, data] }, call);
    expect(items).toHaveLength(2);
    const [first] = items;
    const { results } = await client(EnvelopeServiceDefinition).open(
      {
        keks: [kek],
        items: [
          { kekIndex: 0, associatedData: data.ed25519AssociatedData, envelope: first!.ed25519PrivateKey },
          { kekIndex: 0, associatedData: data.p256AssociatedData, envelope: first!.p256PrivateKey },
        ],
      },
      call,
    );
    for (const { plaintext } of results) expect(Buffer.from(plaintext.toString(), 'base64')).toHaveLength(32);
    expect(first!.ed25519PublicKey).toHaveLength(32);
    expect(first!.p256PublicKey).toHaveLength(65);
  });
});

describe('TokenSigningService', () => {
  it.each([
    [TokenKind.SESSION, 'JWT'],
    [TokenKind.MFA_CHALLENGE, 'mfa+jwt'],
    [TokenKind.CALLER_ASSERTION, 'caller+jwt'],
    [TokenKind.PRINCIPAL_ATTESTATION, 'principal+jwt'],
    [TokenKind.PRINCIPAL_FACTS, 'facts+jwt'],
  ])('signs kind %d as typ %s with the current public key', async (kind, typ) => {
    const tokens = [{ kind, claimsJson: '{"sub":"a"}' }];
    const { tokens: signed } = await client(TokenSigningServiceDefinition, 'auth-svc').signTokens({ tokens }, call);
    const { keys } = await client(PublicKeyServiceDefinition).listPublicKeys({ use: KeyUse.TOKEN_SIGNING }, call);
    const key = keys.find(({ current }) => current)!;
    const [header, payload, signature] = signed[0]!.split('.') as [string, string, string];
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'EdDSA', kid: key.keyId, typ });
    const valid = verify(
      null,
      Buffer.from(`${header}.${payload}`),
      publicKeyOf(key.publicKey),
      Buffer.from(signature, 'base64url'),
    );
    expect(valid).toBe(true);
  });

  it('does not sign a token of no kind', async () => {
    const tokens = [{ kind: TokenKind.UNSPECIFIED, claimsJson: '{}' }];
    const signing = client(TokenSigningServiceDefinition, 'auth-svc').signTokens({ tokens }, call);
    await expect(signing).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});

describe('MacService', () => {
  it('makes the same MAC for the same input, another for another purpose', async () => {
    const data = Buffer.from('ocv_key');
    const inputs = ['api-key', 'api-key', 'session'].map((purpose) => ({ purpose, data }));
    const { macs } = await client(MacServiceDefinition, 'auth-svc').computeMacs({ inputs }, call);
    expect(macs[0]).toHaveLength(32);
    expect(macs[1]).toEqual(macs[0]);
    expect(macs[2]).not.toEqual(macs[0]);
  });
});

describe('TotpService', () => {
  it('checks codes of the secrets that it made, and shows none of them again', async () => {
    const kek = await newKek();
    const totp = client(TotpServiceDefinition, 'auth-svc');
    const { secrets } = await totp.generateTotpSecrets({ kek, associatedData: [associatedData] }, call);
    const { envelope, secret } = secrets[0]!;
    const step = stepAt(Date.now());
    const item = { kekIndex: 0, associatedData, envelope };
    const items = [
      { ...item, code: codeAt(secret, step) },
      { ...item, code: 'abcdef' },
      { ...item, associatedData: randomBytes(32), code: codeAt(secret, step) },
    ];
    const { results } = await totp.checkTotpCodes({ keks: [kek], items }, call);
    expect(results).toEqual([
      { status: TotpCheckResult_Status.MATCHED, step },
      { status: TotpCheckResult_Status.WRONG, step: 0 },
      { status: TotpCheckResult_Status.DAMAGED, step: 0 },
    ]);
  });

  it('serves auth-svc only', async () => {
    const request = { kek: await newKek(), associatedData: [associatedData] };
    for (const peer of ['vault-svc', 'gateway', 'audit-svc']) {
      const refused = client(TotpServiceDefinition, peer).generateTotpSecrets(request, call);
      await expect(refused).rejects.toMatchObject({ code: 'permission_denied' });
    }
  });
});

describe('CheckpointService', () => {
  it('signs checkpoints behind their prefix', async () => {
    const checkpoint = Buffer.from('checkpoint');
    const signed = await client(CheckpointServiceDefinition, 'audit-svc').signCheckpoints(
      { checkpoints: [checkpoint] },
      call,
    );
    const { keys } = await client(PublicKeyServiceDefinition).listPublicKeys({ use: KeyUse.CHECKPOINT }, call);
    expect(signed.keyId).toBe(keys[0]!.keyId);
    const message = Buffer.concat([Buffer.from('oneclaw-checkpoint-v1\0'), checkpoint]);
    expect(verify(null, message, publicKeyOf(keys[0]!.publicKey), signed.signatures[0]!)).toBe(true);
    expect(verify(null, checkpoint, publicKeyOf(keys[0]!.publicKey), signed.signatures[0]!)).toBe(false);
  });
});

describe('while the token is away', () => {
  it('the service says so, is not ready, answers 503 with a time to retry, and is back by itself', async () => {
    const status = async () => (await client(HsmStatusServiceDefinition).getHsmStatus({}, call)).status;
    await eventually(async () => expect(await status()).toBe('ok'));
    expect((await readiness()).status).toBe(200);

    token.takeAway();
    await eventually(async () => expect(await status()).toBe('unavailable'));
    expect(await readiness()).toMatchObject({ status: 503, checks: { hsm: expect.stringContaining('CKR_') } });
    const refused = client(MacServiceDefinition, 'auth-svc').computeMacs(
      { inputs: [{ purpose: 'x', data: Buffer.from('x') }] },
      call,
    );
    await expect(refused).rejects.toMatchObject({
      code: 'unavailable',
      message: 'The HSM does not answer at the moment.',
      retryAfterSeconds: 1,
    });
    const { keys } = await client(PublicKeyServiceDefinition).listPublicKeys({ use: KeyUse.TOKEN_SIGNING }, call);
    expect(keys).toHaveLength(1); // public keys stay known, so that the others can go on verifying

    token.bringBack();
    await eventually(async () => expect(await status()).toBe('ok'));
    expect((await readiness()).status).toBe(200);
  });
});

describe('metrics', () => {
  it('count operations by result and show queue and sessions', async () => {
    await newKek();
    const text = await (await fetch(`http://127.0.0.1:${app.adminPort}/metrics`)).text();
    expect(text).toMatch(/hsm_operations_total\{operation="createKeks",result="ok",service="crypto-svc"\} [1-9]/);
    expect(text).toMatch(/hsm_queue_jobs\{[^}]*\} 0/);
    expect(text).toMatch(/hsm_sessions\{[^}]*\} 2/);
    expect(text).toMatch(/envelope_damaged_total\{operation="open"[^}]*\} 3/);
  });
});
