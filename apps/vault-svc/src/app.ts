import {
  AgentGrantServiceDefinition,
  AgentKeyVaultServiceDefinition,
  ChainAdminServiceDefinition,
  ChainServiceDefinition,
  HsmHealthServiceDefinition,
  KekRotationServiceDefinition,
  VaultCmekServiceDefinition,
  VaultRootKeyServiceDefinition,
  OrgHoldServiceDefinition,
  ResourceCountServiceDefinition,
  PolicyServiceDefinition,
  SecretReadServiceDefinition,
  SecretWriteServiceDefinition,
  ShareAccessServiceDefinition,
  ShareServiceDefinition,
  VaultServiceDefinition,
} from '@oneclaw/contracts/vault';
import { createService, type Service } from '@oneclaw/rpc';
import { AppModule } from './app.module.js';
import type { VaultConfig } from './config.js';

/** Starts vault-svc; resolves when it accepts calls. */
export async function createApp(config: VaultConfig): Promise<Service> {
  return await createService({
    name: 'vault-svc',
    config,
    module: AppModule.with(config),
    services: [
      VaultServiceDefinition,
      SecretReadServiceDefinition,
      SecretWriteServiceDefinition,
      ShareServiceDefinition,
      ShareAccessServiceDefinition,
      PolicyServiceDefinition,
      AgentGrantServiceDefinition,
      AgentKeyVaultServiceDefinition,
      OrgHoldServiceDefinition,
      ResourceCountServiceDefinition,
      ChainServiceDefinition,
      ChainAdminServiceDefinition,
      KekRotationServiceDefinition,
      VaultCmekServiceDefinition,
      VaultRootKeyServiceDefinition,
      HsmHealthServiceDefinition,
    ],
    verifiesCallers: true,
  });
}
