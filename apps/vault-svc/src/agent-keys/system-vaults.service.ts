import { Injectable } from '@nestjs/common';
import { transaction } from '@oneclaw/database';
import { internal } from '@oneclaw/errors';
import { NIL_UUID, auditEvent } from '@oneclaw/events';
import type { OutgoingCall } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { commitEvents } from '../audit/commit-events.js';
import { systemActor } from '../audit/audit-trail.js';
import { EnvelopesClient } from '../crypto/envelopes.client.js';
import { SYSTEM_VAULT_NAME, type Vault, type VaultKek } from '../vaults/vault.entity.js';
import { VaultsRepository } from '../vaults/vaults.repository.js';

/** An org's vault of agent keys, made on first use. */
@Injectable()
export class SystemVaultsService {
  constructor(
    private readonly database: DataSource,
    private readonly vaults: VaultsRepository,
    private readonly envelopes: EnvelopesClient,
  ) {}

  async findOrCreate(orgId: string, call: OutgoingCall): Promise<Vault & VaultKek> {
    const found = await this.vaults.findSystem(this.database, orgId);
    if (found) return found;
    await this.create(orgId, call);
    const made = await this.vaults.findSystem(this.database, orgId);
    if (!made) throw internal('an org has no system vault right after it was made');
    return made;
  }

  /** Of several at once one wins; the others' KEKs are forgotten, never having wrapped anything. */
  private async create(orgId: string, call: OutgoingCall): Promise<void> {
    const kek = await this.envelopes.createKek(call);
    const own = { id: uuidv7(), orgId, name: SYSTEM_VAULT_NAME, description: 'Private keys of agents.', kek };
    await transaction(this.database, async (manager) => {
      const vault = await this.vaults.insert(manager, { ...own, createdBy: NIL_UUID, createdByType: 'system' });
      if (!vault) return;
      const event = { action: 'vault.create' as const, resourceType: 'vault', resourceId: vault.id };
      const details = { vault_id: vault.id, name: vault.name };
      await commitEvents(manager, [
        auditEvent({ ...systemActor(orgId), ...event, details, requestId: call.requestId }),
      ]);
    });
  }
}
