import { Controller } from '@nestjs/common';
import { invalid } from '@oneclaw/errors';
import type { SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { orAbsent } from '../api/wire.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { BillingClients } from '../upstreams/billing-clients.js';
import { VaultClients } from '../upstreams/vault-clients.js';
import { toCreditBalance, toHistoryEntry, toSubscription, toUsageSummary } from './billing.mapper.js';
import {
  billingCreditBalance,
  billingHistory,
  billingOverageMethod,
  billingSubscription,
  billingUsage,
} from './billing.operations.js';
import { DEFAULT_LIMIT } from './billing.schemas.js';

@Controller()
export class BillingController {
  constructor(
    private readonly clients: BillingClients,
    private readonly auth: AuthClients,
    private readonly vaults: VaultClients,
  ) {}

  @Operation(billingUsage)
  async usage(call: SessionCall) {
    return toUsageSummary(await this.clients.usage.getUsage({}, call));
  }

  @Operation(billingHistory)
  async history(call: SessionCall, { query }: InputOf<typeof billingHistory>) {
    const { limit = DEFAULT_LIMIT, cursor = '' } = query;
    const { entries, nextCursor } = await this.clients.usage.listUsage({ limit, cursor }, call);
    return { events: entries.map(toHistoryEntry), next_cursor: orAbsent(nextCursor) };
  }

  @Operation(billingSubscription)
  async subscription(call: SessionCall) {
    const [account, org, resources] = await Promise.all([
      this.clients.account.getAccount({}, call),
      this.auth.orgCounts.countOrg({}, call),
      this.vaults.counts.countResources({}, call),
    ]);
    return toSubscription(account, { ...org, ...resources });
  }

  @Operation(billingCreditBalance)
  async creditBalance(call: SessionCall) {
    return toCreditBalance((await this.clients.account.getAccount({}, call)).credits);
  }

  @Operation(billingOverageMethod)
  async overageMethod(call: SessionCall, { body }: InputOf<typeof billingOverageMethod>) {
    const method = body.method ?? body.overage_method;
    if (method === undefined) throw invalid('The method is missing.', { method: 'is required' });
    await this.clients.account.setOverageMethod({ method }, call);
    return { overage_method: method };
  }
}
