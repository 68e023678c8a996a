import {
  BillingAccountServiceDefinition,
  PlanAdminServiceDefinition,
  PlanServiceDefinition,
  QuotaServiceDefinition,
  UsageServiceDefinition,
  X402AdminServiceDefinition,
} from '@oneclaw/contracts/billing';
import { createService, type Service } from '@oneclaw/rpc';
import { BillingModule } from './billing.module.js';
import type { BillingConfig } from './config.js';

/** billing-svc as one closable object. Resolves when it accepts calls; the schema must be there (migrate.ts). */
export async function createApp(config: BillingConfig): Promise<Service> {
  return createService({
    name: 'billing-svc',
    config,
    module: BillingModule.with(config),
    services: [
      PlanServiceDefinition,
      PlanAdminServiceDefinition,
      QuotaServiceDefinition,
      UsageServiceDefinition,
      BillingAccountServiceDefinition,
      X402AdminServiceDefinition,
    ],
    verifiesCallers: true,
  });
}
