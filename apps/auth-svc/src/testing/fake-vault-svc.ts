import { randomBytes } from 'node:crypto';
import { Module } from '@nestjs/common';
import { CallerVerifier, VerificationKeys } from '@oneclaw/caller';
import {
  AgentGrantServiceDefinition,
  AgentKeyVaultServiceDefinition,
  type HasVaultsRequest,
  type HoldEmptyOrgRequest,
  type ListGrantedPatternsRequest,
  OrgHoldServiceDefinition,
  type ProvisionAgentKeysRequest,
  type ReleaseOrgRequest,
  type RotateAgentKeysRequest,
} from '@oneclaw/contracts/vault';
import { unavailable } from '@oneclaw/errors';
import { RpcController, createService, type CallContext, type RpcHandlers, type Service } from '@oneclaw/rpc';

/** Who asked for the keys of which agent. */
class Provisioned {
  readonly calls: { orgId: string; agentId: string; callerId: string | undefined }[] = [];
  /** Pairs by agent, of those that were rotated. */
  readonly rotated = new Map<string, ReturnType<typeof randomPairs> & { generation: number }>();
  broken = false;
  /** Rotates, and then loses the answer. */
  losesAnswers = false;
}

function randomPairs() {
  return { ed25519PublicKey: randomBytes(32), p256PublicKey: Buffer.concat([Buffer.of(4), randomBytes(64)]) };
}

@RpcController(AgentKeyVaultServiceDefinition)
class FakeAgentKeyVaultGrpc implements RpcHandlers<typeof AgentKeyVaultServiceDefinition> {
  constructor(private readonly provisioned: Provisioned) {}

  async provisionAgentKeys({ orgId, agentId }: ProvisionAgentKeysRequest, { caller }: CallContext) {
    if (this.provisioned.broken) throw unavailable('The vault is not available.');
    this.provisioned.calls.push({ orgId, agentId, callerId: caller?.id });
    return randomPairs();
  }

  async rotateAgentKeys({ agentId, generation }: RotateAgentKeysRequest) {
    const { rotated, broken, losesAnswers } = this.provisioned;
    if (broken) throw unavailable('The vault is not available.');
    if ((rotated.get(agentId)?.generation ?? 1) === generation)
      rotated.set(agentId, { ...randomPairs(), generation: generation + 1 });
    if (losesAnswers) throw unavailable('The answer is lost.');
    return rotated.get(agentId)!;
  }
}

/** Patterns by agent id. */
class Granted extends Map<string, string[]> {}

@RpcController(AgentGrantServiceDefinition)
class FakeAgentGrantsGrpc implements RpcHandlers<typeof AgentGrantServiceDefinition> {
  constructor(private readonly granted: Granted) {}

  async listGrantedPatterns({ agents }: ListGrantedPatternsRequest) {
    return { agents: agents.map(({ agentId }) => ({ patterns: this.granted.get(agentId) ?? [] })) };
  }
}

/** Orgs with vaults, and the holds that there are. */
class FakeOrgHolds {
  readonly orgsWithVaults = new Set<string>();
  /** By id: whose org is held, or `undefined` once released. */
  readonly holds = new Map<string, string | undefined>();
  broken = false;
  /** Awaited before a hold is answered. */
  delay: () => Promise<void> = async () => undefined;

  isHeld(orgId: string): boolean {
    return [...this.holds.values()].includes(orgId);
  }
}

@RpcController(OrgHoldServiceDefinition)
class FakeOrgHoldsGrpc implements RpcHandlers<typeof OrgHoldServiceDefinition> {
  constructor(private readonly orgs: FakeOrgHolds) {}

  async hasVaults({ orgId }: HasVaultsRequest) {
    this.answerable();
    return { hasVaults: this.orgs.orgsWithVaults.has(orgId) };
  }

  async holdEmptyOrg({ orgId, holdId }: HoldEmptyOrgRequest) {
    this.answerable();
    const held = !this.orgs.orgsWithVaults.has(orgId) && !this.orgs.holds.has(holdId);
    if (held) this.orgs.holds.set(holdId, orgId);
    await this.orgs.delay();
    return { held };
  }

  async releaseOrg({ holdId }: ReleaseOrgRequest) {
    this.answerable();
    this.orgs.holds.set(holdId, undefined);
    return {};
  }

  private answerable(): void {
    if (this.orgs.broken) throw unavailable('The vault is not available.');
  }
}

export interface FakeVaultSvc {
  orgs: FakeOrgHolds;
  granted: Granted;
  provisioned: Provisioned;
  service: Service;
}

/** vault-svc's RPCs that auth-svc calls, over real gRPC. The points are random bytes and lie on no curve; private halves do not exist. */
export async function startFakeVaultSvc(
  config: Parameters<typeof createService>[0]['config'],
  signingKey: { kid: string; publicKey: Uint8Array },
): Promise<FakeVaultSvc> {
  const verifier = new CallerVerifier(new VerificationKeys(async () => [signingKey]));
  @Module({
    controllers: [FakeAgentKeyVaultGrpc, FakeAgentGrantsGrpc, FakeOrgHoldsGrpc],
    providers: [
      Provisioned,
      FakeOrgHolds,
      { provide: Granted, useValue: new Granted() },
      { provide: CallerVerifier, useValue: verifier },
    ],
  })
  class FakeVaultModule {}
  const services = [AgentKeyVaultServiceDefinition, AgentGrantServiceDefinition, OrgHoldServiceDefinition];
  const service = await createService({
    name: 'vault-svc',
    config,
    module: FakeVaultModule,
    services,
    verifiesCallers: true,
  });
  const orgs = service.get(FakeOrgHolds);
  return { service, provisioned: service.get(Provisioned), granted: service.get(Granted), orgs };
}
