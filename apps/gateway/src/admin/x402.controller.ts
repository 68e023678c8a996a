import { Controller } from '@nestjs/common';
import { PLATFORM_ORG_ID } from '@oneclaw/caller';
import type { X402Settings } from '@oneclaw/contracts/billing';
import type { SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { present } from '../api/wire.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { BillingClients } from '../upstreams/billing-clients.js';
import { adminGetX402Config, adminUpdateX402Config } from './x402.operations.js';
import type { X402SettingsResponse } from './x402.schemas.js';

/** What the free tier has unless somebody has said otherwise (contract, section 10). */
const FREE_TIER_LIMIT = 1000;

/** auth-svc refuses in the trail who may not ask; billing-svc keeps the settings. */
@Controller()
export class AdminX402Controller {
  constructor(
    private readonly auth: AuthClients,
    private readonly billing: BillingClients,
  ) {}

  @Operation(adminGetX402Config)
  async get(call: SessionCall) {
    await this.auth.platform.findOrg({ orgId: PLATFORM_ORG_ID, action: adminGetX402Config.audit.action }, call);
    const { settings } = await this.billing.x402Admin.getX402Settings({}, call);
    return toResponse(settings);
  }

  @Operation(adminUpdateX402Config)
  async set(call: SessionCall, { body }: InputOf<typeof adminUpdateX402Config>) {
    await this.auth.platform.findOrg({ orgId: PLATFORM_ORG_ID, action: adminUpdateX402Config.audit.action }, call);
    const change = {
      payTo: orEmpty(body.pay_to),
      network: orEmpty(body.network),
      scheme: body.scheme,
      freeTierLimit: body.free_tier_limit,
      facilitatorUrl: orEmpty(body.facilitator_url),
      asset: orEmpty(body.asset),
    };
    const { settings } = await this.billing.x402Admin.setX402Settings({ change }, call);
    return toResponse(settings);
  }
}

/** `null` unsets, what is absent stays. */
function orEmpty(value: string | null | undefined): string | undefined {
  return value === null ? '' : value;
}

function toResponse(found: X402Settings | undefined): X402SettingsResponse {
  const settings = present(found, 'the settings');
  return {
    pay_to: settings.payTo,
    network: settings.network,
    scheme: settings.scheme ?? 'exact',
    free_tier_limit: settings.freeTierLimit ?? FREE_TIER_LIMIT,
    facilitator_url: settings.facilitatorUrl,
    asset: settings.asset,
  };
}
