import { Injectable } from '@nestjs/common';
import { NatsLink } from '@oneclaw/events/sessions';
import { peerHealth } from '@oneclaw/rpc';
import { AuditClients } from '../upstreams/audit-clients.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { BillingClients } from '../upstreams/billing-clients.js';
import { Recent } from '../upstreams/recent.js';
import { VaultClients } from '../upstreams/vault-clients.js';
import type { HsmHealthResponse } from './health.operations.js';

export interface SystemHealth {
  /** Everything serves, and nothing that happens after an answer, such as the audit trail, is late. */
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
    private readonly nats: NatsLink,
  ) {}

  async health(): Promise<SystemHealth> {
    const [system, hsm] = await Promise.all([this.system.get(), this.hsm()]);
    // Without the HSM nobody logs in and no secret is opened or sealed.
    return { healthy: system.healthy && hsm === 'ok', usable: system.usable && hsm !== 'unavailable' };
  }

  async hsm(): Promise<HsmHealthResponse['status']> {
    return this.hsmStatus.get();
  }

  /** Without audit-svc, billing-svc and NATS secrets are still served: their events wait. */
  private async askServices(): Promise<SystemHealth> {
    const clients = [this.auth, this.vault, this.billing, this.audit];
    const peers = await Promise.all(clients.map(({ channel }) => peerHealth(channel, TIMEOUT_MS)));
    const [auth, vault] = peers;
    return {
      healthy: this.nats.connected && peers.every((peer) => peer === 'ok'),
      usable: auth !== 'down' && vault !== 'down',
    };
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
