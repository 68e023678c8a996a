import {
  AuditChainServiceDefinition,
  AuditQueryServiceDefinition,
  CheckpointKeyServiceDefinition,
} from '@oneclaw/contracts/audit';
import { createService, type Service } from '@oneclaw/rpc';
import { AuditModule } from './audit.module.js';
import type { AuditConfig } from './config.js';

/** audit-svc as one closable object. Resolves when it accepts calls; the schema must be there (migrate.ts). */
export async function createApp(config: AuditConfig): Promise<Service> {
  return createService({
    name: 'audit-svc',
    config,
    module: AuditModule.with(config),
    services: [AuditQueryServiceDefinition, AuditChainServiceDefinition, CheckpointKeyServiceDefinition],
    verifiesCallers: true,
  });
}
