import { createHmac, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { Module } from '@nestjs/common';
import {
  type ComputeMacsRequest,
  EnvelopeServiceDefinition,
  KeyUse,
  MacServiceDefinition,
  PublicKeyServiceDefinition,
  type SignTokensRequest,
  TokenKind,
  TokenSigningServiceDefinition,
  TotpServiceDefinition,
} from '@oneclaw/contracts/crypto';
import { unavailable } from '@oneclaw/errors';
import { RpcController, createService, type RpcHandlers, type Service } from '@oneclaw/rpc';
import { FakeEnvelopesGrpc } from './fake-envelopes.js';
import { FakeTotpGrpc, TotpClock } from './fake-totp.js';

const TYPES: Record<number, string> = {
  [TokenKind.SESSION]: 'JWT',
  [TokenKind.MFA_CHALLENGE]: 'mfa+jwt',
  [TokenKind.CALLER_ASSERTION]: 'caller+jwt',
  [TokenKind.PRINCIPAL_ATTESTATION]: 'principal+jwt',
  [TokenKind.PRINCIPAL_FACTS]: 'facts+jwt',
};

const encode = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Keys in this process's memory in place of an HSM, and counters. Signs with the same header and MACs over the same fields. */
class SoftwareKeys {
  readonly kid = randomBytes(8).toString('hex');
  readonly calls = { sign: 0, signed: 0, mac: 0 };
  readonly pair = generateKeyPairSync('ed25519');
  readonly macKey = randomBytes(32);
  broken = false;

  jws(
    typ: string,
    claims: string,
    { key = this.pair.privateKey, kid = this.kid }: { key?: KeyObject; kid?: string } = {},
  ): string {
    const signed = `${encode({ alg: 'EdDSA', kid, typ })}.${encode(claims)}`;
    return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
  }

  publicKey(): Buffer {
    return Buffer.from(this.pair.publicKey.export({ format: 'jwk' }).x as string, 'base64url');
  }
}

@RpcController(TokenSigningServiceDefinition)
class FakeTokensGrpc implements RpcHandlers<typeof TokenSigningServiceDefinition> {
  constructor(private readonly keys: SoftwareKeys) {}

  async signTokens({ tokens }: SignTokensRequest) {
    if (this.keys.broken) throw unavailable('The HSM is not available.');
    this.keys.calls.sign += 1;
    this.keys.calls.signed += tokens.length;
    return { tokens: tokens.map(({ kind, claimsJson }) => this.keys.jws(TYPES[kind] as string, claimsJson)) };
  }
}

@RpcController(MacServiceDefinition)
class FakeMacsGrpc implements RpcHandlers<typeof MacServiceDefinition> {
  constructor(private readonly keys: SoftwareKeys) {}

  async computeMacs({ inputs }: ComputeMacsRequest) {
    this.keys.calls.mac += 1;
    const mac = (purpose: string, data: Uint8Array) =>
      createHmac('sha256', this.keys.macKey).update(`${purpose.length}:${purpose}`).update(data).digest();
    return { macs: inputs.map(({ purpose, data }) => mac(purpose, data)) };
  }
}

@RpcController(PublicKeyServiceDefinition)
class FakePublicKeysGrpc implements RpcHandlers<typeof PublicKeyServiceDefinition> {
  constructor(private readonly keys: SoftwareKeys) {}

  async listPublicKeys({ use }: { use: KeyUse }) {
    const keys =
      use === KeyUse.TOKEN_SIGNING ? [{ keyId: this.keys.kid, publicKey: this.keys.publicKey(), current: true }] : [];
    return { keys };
  }
}

@Module({
  controllers: [FakeTokensGrpc, FakeMacsGrpc, FakePublicKeysGrpc, FakeEnvelopesGrpc, FakeTotpGrpc],
  providers: [SoftwareKeys, TotpClock],
})
class FakeCryptoModule {}

export interface FakeCryptoSvc {
  keys: SoftwareKeys;
  totpClock: TotpClock;
  service: Service;
}

/** crypto-svc's RPCs that auth-svc calls, over real gRPC. */
export async function startFakeCryptoSvc(
  config: Parameters<typeof createService>[0]['config'],
): Promise<FakeCryptoSvc> {
  const services = [
    TokenSigningServiceDefinition,
    MacServiceDefinition,
    PublicKeyServiceDefinition,
    EnvelopeServiceDefinition,
    TotpServiceDefinition,
  ];
  const service = await createService({
    name: 'crypto-svc',
    config,
    module: FakeCryptoModule,
    services,
    verifiesCallers: false,
  });
  return { service, keys: service.get(SoftwareKeys), totpClock: service.get(TotpClock) };
}
