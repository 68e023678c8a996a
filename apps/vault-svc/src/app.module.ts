import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { RootKeyRotation, RootKeysRepository } from '@oneclaw/database';
import { DataSource } from 'typeorm';
import { BatchCallers } from './access/batch-callers.js';
import { VaultAccess } from './access/vault-access.js';
import { AgentKeyRotationService } from './agent-keys/agent-key-rotation.service.js';
import { AgentKeysGrpc } from './agent-keys/agent-keys.grpc.js';
import { AgentKeysRepository } from './agent-keys/agent-keys.repository.js';
import { AgentKeysService } from './agent-keys/agent-keys.service.js';
import { PrivateHalves } from './agent-keys/private-halves.js';
import { SystemVaultsService } from './agent-keys/system-vaults.service.js';
import { RefusalTrail } from './audit/refusal-trail.js';
import { ChainAdminGrpc, ChainsGrpc } from './chains/chains.grpc.js';
import { ChainsRepository } from './chains/chains.repository.js';
import { ChainsService } from './chains/chains.service.js';
import { CmekAccess } from './cmek/cmek-access.js';
import { CmekReencrypter } from './cmek/cmek-reencrypter.js';
import { CmekRotationsRepository } from './cmek/cmek-rotations.repository.js';
import { CmekRotator } from './cmek/cmek-rotator.js';
import { CmekVaultsRepository } from './cmek/cmek-vaults.repository.js';
import { CmekVersionsRepository } from './cmek/cmek-versions.repository.js';
import { CmekGrpc } from './cmek/cmek.grpc.js';
import { CmekService } from './cmek/cmek.service.js';
import { RotateCmekService } from './cmek/rotate-cmek.service.js';
import { CONFIG, type VaultConfig } from './config.js';
import { CmekClient } from './crypto/cmek.client.js';
import { DamageAlarm } from './crypto/damage-alarm.js';
import { AgentKeyPairsClient } from './crypto/agent-key-pairs.client.js';
import { EnvelopesClient } from './crypto/envelopes.client.js';
import { HsmHealthGrpc } from './crypto/hsm-health.grpc.js';
import { HsmStatusClient } from './crypto/hsm-status.client.js';
import { connections } from './connections.js';
import { KekRotationsGrpc } from './kek-rotations/kek-rotations.grpc.js';
import { KekRotationsRepository } from './kek-rotations/kek-rotations.repository.js';
import { KekRotationsService } from './kek-rotations/kek-rotations.service.js';
import { KekRotator } from './kek-rotations/kek-rotator.js';
import { Rewrapper } from './kek-rotations/rewrapper.js';
import { RewrapsRepository } from './kek-rotations/rewraps.repository.js';
import { IdentityEffects } from './identity/identity-effects.js';
import { IdentityIntake } from './identity/identity-intake.js';
import { OrgHoldsGrpc } from './identity/org-holds.grpc.js';
import { OrgLifeRepository } from './identity/org-life.repository.js';
import { Lifecycle } from './lifecycle.js';
import { AgentGrantsGrpc } from './policies/agent-grants.grpc.js';
import { EffectivePolicies } from './policies/effective-policies.js';
import { ExplainAccessService } from './policies/explain-access.service.js';
import { ResourceCountsGrpc } from './plans/resource-counts.grpc.js';
import { ResourceCountsRepository } from './plans/resource-counts.repository.js';
import { PoliciesGrpc } from './policies/policies.grpc.js';
import { PoliciesRepository } from './policies/policies.repository.js';
import { PoliciesService } from './policies/policies.service.js';
import { PrincipalCheck } from './policies/principal-check.js';
import { RootKeysGrpc } from './root-keys/root-keys.grpc.js';
import { ReadinessChecks } from './readiness-checks.js';
import { AccessCountsRepository } from './secrets/access-counts.repository.js';
import { DeleteSecretService } from './secrets/delete-secret.service.js';
import { LivePathsRepository } from './secrets/live-paths.repository.js';
import { ListSecretsService } from './secrets/list-secrets.service.js';
import { ListVersionsService } from './secrets/list-versions.service.js';
import { PathAccess } from './secrets/path-access.js';
import { PutSecretsService } from './secrets/put-secrets.service.js';
import { ReadCommit } from './secrets/read-commit.js';
import { ReadOpener } from './secrets/read-opener.js';
import { ReadSecretsService } from './secrets/read-secrets.service.js';
import { SecretListRepository } from './secrets/secret-list.repository.js';
import { SecretReadGrpc } from './secrets/secret-read.grpc.js';
import { SecretReadsRepository } from './secrets/secret-reads.repository.js';
import { SecretWriteGrpc } from './secrets/secret-write.grpc.js';
import { SecretWritesRepository } from './secrets/secret-writes.repository.js';
import { PlannedWriter } from './secrets/planned-writer.js';
import { SecretLimits } from './secrets/secret-limits.js';
import { VersionWriter } from './secrets/version-writer.js';
import { VersionListRepository } from './secrets/version-list.repository.js';
import { WriteQueue } from './secrets/write-queue.js';
import { ShareAccessGrpc } from './shares/share-access.grpc.js';
import { SharesGrpc } from './shares/shares.grpc.js';
import { shares } from './shares/shares.providers.js';
import { SweepRepository } from './vaults/sweep.repository.js';
import { VaultKeksRepository } from './vaults/vault-keks.repository.js';
import { VaultSweeper } from './vaults/vault-sweeper.js';
import { VaultsGrpc } from './vaults/vaults.grpc.js';
import { VaultsRepository } from './vaults/vaults.repository.js';
import { VaultsService } from './vaults/vaults.service.js';

const crypto: Provider[] = [EnvelopesClient, CmekClient, AgentKeyPairsClient, HsmStatusClient, DamageAlarm];

const rootKeys: Provider[] = [
  { provide: RootKeysRepository, useFactory: () => new RootKeysRepository('vault_keks') },
  {
    provide: RootKeyRotation,
    inject: [DataSource, RootKeysRepository],
    useFactory: (database: DataSource, keks: RootKeysRepository) => new RootKeyRotation(database, keks),
  },
];

const vaults: Provider[] = [VaultsRepository, VaultKeksRepository, VaultsService, SweepRepository, VaultSweeper];

const kekRotations: Provider[] = [
  KekRotationsRepository,
  RewrapsRepository,
  Rewrapper,
  KekRotator,
  KekRotationsService,
];

const cmek: Provider[] = [
  CmekVaultsRepository,
  CmekRotationsRepository,
  CmekVersionsRepository,
  CmekAccess,
  CmekService,
  CmekReencrypter,
  CmekRotator,
  RotateCmekService,
];

const policies: Provider[] = [
  PoliciesRepository,
  PoliciesService,
  ExplainAccessService,
  PrincipalCheck,
  EffectivePolicies,
];

const access: Provider[] = [BatchCallers, VaultAccess, RefusalTrail];

const reads: Provider[] = [
  SecretReadsRepository,
  AccessCountsRepository,
  ReadSecretsService,
  ReadOpener,
  ReadCommit,
  SecretListRepository,
  ListSecretsService,
  VersionListRepository,
  ListVersionsService,
  PathAccess,
];

const writes: Provider[] = [
  SecretWritesRepository,
  LivePathsRepository,
  ResourceCountsRepository,
  SecretLimits,
  VersionWriter,
  PlannedWriter,
  PutSecretsService,
  WriteQueue,
  DeleteSecretService,
];

const chains: Provider[] = [ChainsRepository, ChainsService];

const identity: Provider[] = [OrgLifeRepository, IdentityEffects, IdentityIntake];

const agentKeys: Provider[] = [
  AgentKeysRepository,
  AgentKeysService,
  AgentKeyRotationService,
  PrivateHalves,
  SystemVaultsService,
];

@Module({})
export class AppModule {
  static with(config: VaultConfig): DynamicModule {
    return {
      module: AppModule,
      controllers: [
        VaultsGrpc,
        PoliciesGrpc,
        AgentGrantsGrpc,
        SecretReadGrpc,
        SecretWriteGrpc,
        SharesGrpc,
        ShareAccessGrpc,
        AgentKeysGrpc,
        KekRotationsGrpc,
        CmekGrpc,
        RootKeysGrpc,
        OrgHoldsGrpc,
        ResourceCountsGrpc,
        ChainsGrpc,
        ChainAdminGrpc,
        HsmHealthGrpc,
      ],
      providers: [
        { provide: CONFIG, useValue: config },
        ...connections,
        ReadinessChecks,
        Lifecycle,
        ...crypto,
        ...vaults,
        ...rootKeys,
        ...kekRotations,
        ...cmek,
        ...policies,
        ...access,
        ...reads,
        ...writes,
        ...shares,
        ...agentKeys,
        ...identity,
        ...chains,
      ],
    };
  }
}
