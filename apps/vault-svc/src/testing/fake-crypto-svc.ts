import { generateKeyPairSync } from 'node:crypto';
import { Module } from '@nestjs/common';
import {
  AgentKeyServiceDefinition,
  CmekServiceDefinition,
  type CreateKeksRequest,
  EnvelopeServiceDefinition,
  type GenerateAgentKeysRequest,
  HsmStatusServiceDefinition,
  type OpenRequest,
  OpenResult_Status,
  PublicKeyServiceDefinition,
  type ReencryptCmekValuesRequest,
  ReencryptResult_Status,
  type RewrapDeksRequest,
  type RewrapKeksRequest,
  type SealCmekKeysRequest,
  type SealRequest,
  SealResult_Status,
} from '@oneclaw/contracts/crypto';
import { unavailable } from '@oneclaw/errors';
import { RpcController, createService, type RpcHandlers, type Service } from '@oneclaw/rpc';
import type { Envelope } from '../crypto/envelopes.client.js';
import { ClientKey } from './client-key.js';
import { SoftwareKeys } from './software-keys.js';

async function answering(keys: SoftwareKeys): Promise<void> {
  if (keys.state === 'unavailable') throw unavailable('The HSM is not available.');
  if (keys.state === 'hung') await new Promise(() => undefined);
}

@RpcController(EnvelopeServiceDefinition)
class FakeEnvelopesGrpc implements RpcHandlers<typeof EnvelopeServiceDefinition> {
  constructor(private readonly keys: SoftwareKeys) {}

  async createKeks({ count }: CreateKeksRequest) {
    await answering(this.keys);
    return { keks: Array.from({ length: count }, () => this.keys.createKek()) };
  }

  async seal({ keks, items }: SealRequest) {
    this.keys.calls.seal += 1;
    await answering(this.keys);
    await this.keys.gates.seal;
    const results = items.map((item) => {
      const envelope = this.keys.seal(keks[item.kekIndex]!, item.associatedData, item.plaintext);
      return envelope ? { status: SealResult_Status.SEALED, envelope } : { status: SealResult_Status.DAMAGED_KEK };
    });
    return { results };
  }

  async open({ keks, items }: OpenRequest) {
    this.keys.calls.open += 1;
    await answering(this.keys);
    const results = items.map(({ kekIndex, associatedData, envelope }) => {
      const plaintext = this.keys.open(keks[kekIndex]!, associatedData, envelope as Envelope);
      return plaintext ? { status: OpenResult_Status.OPENED, plaintext } : { status: OpenResult_Status.DAMAGED };
    });
    return { results };
  }

  async rewrapKeks({ keks }: RewrapKeksRequest) {
    await answering(this.keys);
    const { rootGeneration, damagedKeks } = this.keys;
    const made = keks.map((kek) => ({ ...kek, rootGeneration }));
    return { keks: made.map((kek) => (damagedKeks.has(kek.kekId) ? { ...kek, wrapped: Buffer.alloc(0) } : kek)) };
  }

  async rewrapDeks({ from, to, items }: RewrapDeksRequest) {
    this.keys.calls.rewrap += 1;
    await answering(this.keys);
    await this.keys.gates.rewrap;
    const deks = items.map(({ associatedData, wrappedDek }) =>
      this.keys.rewrap(from!, to!, associatedData, wrappedDek),
    );
    return { wrappedDeks: deks.map((dek) => dek ?? Buffer.alloc(0)) };
  }
}

@RpcController(AgentKeyServiceDefinition)
class FakeAgentKeysGrpc implements RpcHandlers<typeof AgentKeyServiceDefinition> {
  constructor(private readonly keys: SoftwareKeys) {}

  async generateAgentKeys({ kek, items }: GenerateAgentKeysRequest) {
    await answering(this.keys);
    const pairs = items.map(({ ed25519AssociatedData, p256AssociatedData }) => {
      const ed25519 = generateKeyPairSync('ed25519');
      const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const [edPublic, edPrivate] = [publicJwk(ed25519), privateHalf(ed25519)];
      const [p256Public, p256Private] = [publicJwk(p256), privateHalf(p256)];
      return {
        ed25519PublicKey: raw(edPublic.x),
        ed25519PrivateKey: this.keys.seal(kek!, ed25519AssociatedData, edPrivate)!,
        p256PublicKey: Buffer.concat([Buffer.of(4), raw(p256Public.x), raw(p256Public.y)]),
        p256PrivateKey: this.keys.seal(kek!, p256AssociatedData, p256Private)!,
      };
    });
    return { items: pairs };
  }
}

type Pair = ReturnType<typeof generateKeyPairSync>;

const raw = (base64url: string | undefined) => Buffer.from(base64url as string, 'base64url');
const publicJwk = ({ publicKey }: Pair) => publicKey.export({ format: 'jwk' });
/** Raw 32 bytes as base64 text. */
const privateHalf = ({ privateKey }: Pair) =>
  Buffer.from(raw(privateKey.export({ format: 'jwk' }).d).toString('base64'));

@RpcController(CmekServiceDefinition)
class FakeCmekGrpc implements RpcHandlers<typeof CmekServiceDefinition> {
  constructor(private readonly keys: SoftwareKeys) {}

  async sealCmekKeys({ kek, associatedData, oldKey, newKey }: SealCmekKeysRequest) {
    await answering(this.keys);
    const [old, fresh] = [new ClientKey(oldKey), new ClientKey(newKey)];
    const keys = this.keys.seal(kek!, associatedData, Buffer.concat([oldKey, newKey]))!;
    return { oldFingerprint: old.fingerprint, newFingerprint: fresh.fingerprint, keys };
  }

  async reencryptCmekValues({ keks, keys, toKekIndex, items }: ReencryptCmekValuesRequest) {
    this.keys.calls.reencrypt += 1;
    await answering(this.keys);
    await this.keys.gates.reencrypt;
    const { kekIndex, associatedData, envelope } = keys!;
    const both = this.keys.open(keks[kekIndex]!, associatedData, envelope as Envelope)!;
    const [old, fresh] = [new ClientKey(both.subarray(0, 32)), new ClientKey(both.subarray(32))];
    const results = items.map((item) => {
      const value = this.keys.open(keks[item.kekIndex]!, item.associatedData, item.envelope as Envelope)?.toString();
      if (value === undefined) return { status: ReencryptResult_Status.DAMAGED };
      const plaintext = old.decrypt(value);
      const moved = plaintext === undefined ? value : fresh.encrypt(plaintext);
      if (fresh.decrypt(moved) === undefined) return { status: ReencryptResult_Status.UNREADABLE };
      const sealed = this.keys.seal(keks[toKekIndex]!, item.newAssociatedData, Buffer.from(moved));
      return { status: ReencryptResult_Status.UNDER_NEW_KEY, envelope: sealed! };
    });
    return { results };
  }
}

@RpcController(HsmStatusServiceDefinition)
class FakeStatusGrpc implements RpcHandlers<typeof HsmStatusServiceDefinition> {
  constructor(private readonly keys: SoftwareKeys) {}

  async getHsmStatus() {
    if (this.keys.state === 'hung') await answering(this.keys);
    return { status: this.keys.state };
  }
}

@RpcController(PublicKeyServiceDefinition)
class FakePublicKeysGrpc implements RpcHandlers<typeof PublicKeyServiceDefinition> {
  constructor(private readonly keys: SoftwareKeys) {}

  async listPublicKeys() {
    this.keys.calls.listPublicKeys += 1;
    await answering(this.keys);
    return { keys: [{ keyId: this.keys.kid, publicKey: this.keys.publicKey(), current: true }] };
  }
}

const controllers = [FakeEnvelopesGrpc, FakeCmekGrpc, FakeAgentKeysGrpc, FakeStatusGrpc, FakePublicKeysGrpc];
const services = [
  EnvelopeServiceDefinition,
  CmekServiceDefinition,
  AgentKeyServiceDefinition,
  HsmStatusServiceDefinition,
  PublicKeyServiceDefinition,
];

@Module({ controllers, providers: [SoftwareKeys] })
class FakeCryptoModule {}

export interface FakeCryptoSvc {
  keys: SoftwareKeys;
  service: Service;
}

/** What vault-svc calls of crypto-svc, over real gRPC, with software keys. */
export async function startFakeCryptoSvc(
  config: Parameters<typeof createService>[0]['config'],
): Promise<FakeCryptoSvc> {
  const service = await createService({
    name: 'crypto-svc',
    config,
    module: FakeCryptoModule,
    services,
    verifiesCallers: false,
  });
  return { service, keys: service.get(SoftwareKeys) };
}
