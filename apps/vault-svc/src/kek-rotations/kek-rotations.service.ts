import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { notFound } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { VaultAccess } from '../access/vault-access.js';
import { commitEvents } from '../audit/commit-events.js';
import { EnvelopesClient } from '../crypto/envelopes.client.js';
import type { KekRotation } from './kek-rotation.entity.js';
import { KekRotationsRepository } from './kek-rotations.repository.js';
import { KekRotator } from './kek-rotator.js';
import { startEvent } from './rotation-events.js';

@Injectable()
export class KekRotationsService {
  constructor(
    private readonly database: DataSource,
    private readonly access: VaultAccess,
    private readonly rotations: KekRotationsRepository,
    private readonly envelopes: EnvelopesClient,
    private readonly rotator: KekRotator,
  ) {}

  /** While one is running, answers that one: so a repeated call does not rotate twice. */
  async start(caller: Caller, vaultId: string, call: CallContext): Promise<KekRotation> {
    await this.access.findAdministered(caller, vaultId);
    const { orgId } = caller;
    const running = await this.findRunning(this.database, orgId, vaultId);
    if (running) return running;
    const kek = await this.envelopes.createKek(call);
    const rotation = await transaction(this.database, async (manager) => {
      if (!(await this.rotations.lockVault(manager, orgId, vaultId))) throw notFound('Vault');
      const started = await this.findRunning(manager, orgId, vaultId);
      if (started) return started;
      const rotation = await this.rotations.start(manager, uuidv7(), orgId, vaultId, kek);
      await commitEvents(manager, [startEvent(caller, rotation, call)]);
      return rotation;
    });
    this.rotator.hint();
    return rotation;
  }

  async getLatest(caller: Caller, vaultId: string): Promise<KekRotation> {
    await this.access.findAdministered(caller, vaultId);
    const rotation = await this.rotations.findLatest(this.database, caller.orgId, vaultId);
    if (!rotation) throw notFound('Key rotation of this vault');
    return rotation;
  }

  private async findRunning(executor: Parameters<KekRotationsRepository['findLatest']>[0], orgId: string, id: string) {
    const latest = await this.rotations.findLatest(executor, orgId, id);
    return latest?.status === 'running' ? latest : undefined;
  }
}
