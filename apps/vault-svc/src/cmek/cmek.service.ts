import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { conflict, notFound } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import { Refused } from '../audit/refusal-trail.js';
import type { Vault } from '../vaults/vault.entity.js';
import { VaultsRepository } from '../vaults/vaults.repository.js';
import { CmekAccess } from './cmek-access.js';
import { keyEvent, rotationEndEvent } from './cmek-events.js';
import { checkFingerprint } from './cmek-input.js';
import { CmekRotationsRepository } from './cmek-rotations.repository.js';
import { CmekVaultsRepository } from './cmek-vaults.repository.js';
import { CmekVersionsRepository } from './cmek-versions.repository.js';

/** Switches a vault's client key on and off. Versions keep the key that they have. */
@Injectable()
export class CmekService {
  constructor(
    private readonly database: DataSource,
    private readonly access: CmekAccess,
    private readonly vaults: VaultsRepository,
    private readonly keys: CmekVaultsRepository,
    private readonly rotations: CmekRotationsRepository,
    private readonly versions: CmekVersionsRepository,
  ) {}

  async enable(caller: Caller, vaultId: string, given: string, call: CallContext): Promise<Vault> {
    await this.access.requirePlan(caller, call);
    const fingerprint = checkFingerprint(given, 'fingerprint');
    await this.access.findManaged(caller, vaultId);
    return await this.change(caller, vaultId, async (manager, present) => {
      if (present === fingerprint) return;
      if (present !== null) throw underAnotherKey();
      await this.keys.set(manager, vaultId, fingerprint);
      await commitEvents(manager, [keyEvent('cmek.enable', caller, vaultId, fingerprint, call)]);
    });
  }

  /** Possible on every plan, so that nobody is left with a vault that takes nothing they can write. */
  async disable(caller: Caller, vaultId: string, call: CallContext): Promise<Vault> {
    const vault = await this.access.findManaged(caller, vaultId);
    if (!vault.cmekEnabled) await this.access.requirePlan(caller, call);
    return await this.change(caller, vaultId, async (manager, present) => {
      if (present === null) return;
      await this.endRotation(manager, caller.orgId, vaultId);
      await this.keys.set(manager, vaultId, null);
      await commitEvents(manager, [keyEvent('cmek.disable', caller, vaultId, present, call)]);
    });
  }

  /** With nobody writing into the vault. Answers it as it is afterwards. */
  private async change(
    { orgId }: Caller,
    vaultId: string,
    work: (manager: EntityManager, present: string | null) => Promise<void>,
  ): Promise<Vault> {
    return await transaction(this.database, async (manager) => {
      await this.keys.exclude(manager, vaultId);
      const state = await this.keys.find(manager, orgId, vaultId);
      if (!state) throw notFound('Vault');
      await work(manager, state.fingerprint);
      return (await this.vaults.find(manager, orgId, vaultId)) as Vault;
    });
  }

  /** One that nobody goes on with would otherwise keep the vault under a key that may be lost. */
  private async endRotation(manager: EntityManager, orgId: string, vaultId: string): Promise<void> {
    const latest = await this.rotations.findLatest(manager, vaultId);
    if (latest?.status !== 'running') return;
    if (!latest.abandoned) {
      throw new Refused(conflict('The vault’s values are being re-encrypted. Wait until that has ended.'), 'rotating');
    }
    const ended = await this.rotations.end(manager, latest.id, 'Ended by switching CMEK off.');
    await this.versions.forgetStragglers(manager, vaultId);
    await commitEvents(manager, [rotationEndEvent(orgId, ended)]);
  }
}

function underAnotherKey(): Refused {
  const detail = 'The vault is under another key. Move it with cmek-rotate, or switch CMEK off first.';
  return new Refused(conflict(detail), 'another_key');
}
