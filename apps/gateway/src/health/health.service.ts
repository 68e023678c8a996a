import { Injectable } from '@nestjs/common';
import { isServing } from '@oneclaw/rpc';
import { AuditClients } from '../upstreams/audit-clients.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { BillingClients } from '../upstreams/billing-clients.js';
import { Recent } from '../upstreams/recent.js';
import { VaultClients } from '../upstreams/vault-clients.js';
import type { HsmHealthResponse } from './health.operations.js';

export interface SystemHealth {
  /** Everything serves. */
  healthy: boolean;
  /** What nearly every request needs serves. */
  usable: boolean;
}

const MAX_AGE_MS = 1000;
const TIMEOUT_MS = 1000;
const HSM_TIMEOUT_MS = 2000;

@Injectable()
export class HealthService {
  private readonly system = new Recent(() => this.askServices(), MAX_AGE_MS);
  private readonly hsmStatus = new Recent(() => this.askHsm(), MAX_AGE_MS);

  constructor(
    private readonly auth: AuthClients,
    private readonly vault: VaultClients,
    private readonly billing: BillingClients,
    private readonly audit: AuditClients,
  ) {}

  async health(): Promise<SystemHealth> {
    return this.system.get();
  }

  async hsm(): Promise<HsmHealthResponse['status']> {
    return this.hsmStatus.get();
  }

  /** Without audit-svc and billing-svc secrets are still served: their events wait. */
  private async askServices(): Promise<SystemHealth> {
    const clients = [this.auth, this.vault, this.billing, this.audit];
    const [auth, vault, billing, audit] = await Promise.all(
      clients.map(({ channel }) => isServing(channel, TIMEOUT_MS)),
    );
    const usable = Boolean(auth && vault);
    return { healthy: Boolean(usable && billing && audit), usable };
  }

  private async askHsm(): Promise<HsmHealthResponse['status']> {
    try {
      const call = { requestId: 'health', deadline: Date.now() + HSM_TIMEOUT_MS };
      const { status } = await this.vault.hsm.getHsmHealth({}, call);
      return status === 'ok' || status === 'degraded' ? status : 'unavailable';
    } catch {
      return 'unavailable';
    }
  }
}
