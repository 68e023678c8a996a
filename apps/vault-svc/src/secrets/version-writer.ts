import { Injectable } from '@nestjs/common';
import { subjectOf } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { DomainError, notFound } from '@oneclaw/errors';
import { DataSource, type EntityManager } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import { actorOf } from '../audit/audit-trail.js';
import { DamageAlarm } from '../crypto/damage-alarm.js';
import { EnvelopesClient, type Envelope } from '../crypto/envelopes.client.js';
import { isCmekValue, notEncrypted } from '../cmek/cmek-input.js';
import { CmekVaultsRepository } from '../cmek/cmek-vaults.repository.js';
import { CmekVersionsRepository } from '../cmek/cmek-versions.repository.js';
import type { WriteKeys } from '../vaults/vault.entity.js';
import { VaultKeksRepository } from '../vaults/vault-keks.repository.js';
import { associatedDataOf, type BoundVersion } from './associated-data.js';
import { wrongVersion } from './preconditions.js';
import { MayGrow, SecretLimits, type PlansByOrg } from './secret-limits.js';
import type { SecretWrite } from './secret-write.js';
import type { SecretMetadata } from './secret.entity.js';
import {
  KekReplaced,
  SecretWritesRepository,
  type NewVersion,
  type TakenVersions,
  type VersionDemand,
} from './secret-writes.repository.js';
import { refusedWriteEvent, versionEvent } from './write-events.js';

/** A write with its number and keys. */
interface Numbered {
  write: SecretWrite;
  keys: WriteKeys;
  secretId: string;
  version: number;
  createdAt: Date;
}

/** Nothing was written: the KEKs of these vaults are damaged. */
export class DamagedKeks extends DomainError {
  constructor(readonly vaultIds: ReadonlySet<string>) {
    super('internal', 'a KEK is damaged');
  }
}

/**
 * Writes versions, all or none of those whose preconditions hold. A version's number and time are part of what its envelope is bound to, so they are taken first,
 * under the row lock of its path, and the value is sealed within the transaction; if that fails, the number was never given.
 */
@Injectable()
export class VersionWriter {
  constructor(
    private readonly database: DataSource,
    private readonly keks: VaultKeksRepository,
    private readonly cmekVaults: CmekVaultsRepository,
    private readonly cmekVersions: CmekVersionsRepository,
    private readonly repository: SecretWritesRepository,
    private readonly envelopes: EnvelopesClient,
    private readonly alarm: DamageAlarm,
    private readonly limits: SecretLimits,
  ) {}

  /**
   * In the order of the writes, which were permitted. A vault deleted since then is not found; what a plan does not allow is
   * `resource_limit_exceeded`. Throws `DamagedKeks`.
   * @param orgsLocked whether nobody else may add live paths to the orgs meanwhile; tried without first, which is enough for most writes.
   */
  async write(
    writes: readonly SecretWrite[],
    plans: PlansByOrg,
    orgsLocked = false,
  ): Promise<(SecretMetadata | DomainError)[]> {
    if (writes.length === 0) return [];
    try {
      return await transaction(this.database, (manager) => this.writeAll(manager, writes, plans, orgsLocked));
    } catch (error) {
      if (error instanceof KekReplaced) return await this.write(writes, plans, orgsLocked);
      if (error instanceof MayGrow) return await this.write(writes, plans, true);
      throw error;
    }
  }

  private async writeAll(
    manager: EntityManager,
    writes: readonly SecretWrite[],
    plans: PlansByOrg,
    orgsLocked: boolean,
  ): Promise<(SecretMetadata | DomainError)[]> {
    const keys = await this.lockKeys(manager, writes);
    const fitting = writes.filter((write) => fits(write, keys));
    if (fitting.length === 0) return writes.map((write) => whyNot(write, keys));
    const beyond = await this.limits.refuse(manager, fitting, plans, orgsLocked);
    const allowed = fitting.filter((write) => !beyond.has(write));
    const taken = await this.repository.takeVersions(manager, demandsOf(allowed));
    const numbered = number(allowed, taken, keys);
    await this.insert(manager, numbered);
    const why = (write: SecretWrite): DomainError => beyond.get(write) ?? whyNot(write, keys);
    const written = new Map(numbered.map((each) => [each.write, toMetadata(each)]));
    const refused = fitting.filter((write) => !written.has(write));
    const refusals = refused.map((write) => refusedWriteEvent(write, why(write)));
    await commitEvents(manager, [...numbered.map(toEvent), ...refusals]);
    return writes.map((write) => written.get(write) ?? why(write));
  }

  /** Where a client's key is in play, under the vault's lock: what it says stays so until the commit. */
  private async lockKeys(manager: EntityManager, writes: readonly SecretWrite[]): Promise<Map<string, WriteKeys>> {
    const vaults = distinctVaults(writes);
    const locked = new Set<string>();
    for (;;) {
      const keys = await this.keks.lock(manager, vaults);
      const cmek = [...keys].filter(([id, { cmekFingerprint }]) => cmekFingerprint !== null && !locked.has(id));
      if (cmek.length === 0) return keys;
      const ids = cmek.map(([id]) => id);
      await this.cmekVaults.share(manager, ids);
      ids.forEach((id) => locked.add(id));
    }
  }

  private async insert(manager: EntityManager, numbered: readonly Numbered[]): Promise<void> {
    if (numbered.length === 0) return;
    const envelopes = await this.seal(numbered);
    const versions = numbered.map((each, index) => ({ ...toVersion(each), ...envelopes[index]! }));
    await this.repository.insertVersions(manager, versions);
    const uncertain = numbered.filter(({ keys }) => keys.cmekUncertain).map(toStraggler);
    if (uncertain.length > 0) await this.cmekVersions.addStragglers(manager, uncertain);
  }

  private async seal(numbered: readonly Numbered[]): Promise<Envelope[]> {
    const items = numbered.map((each) => ({
      kek: each.keys,
      associatedData: associatedDataOf(toBound(each)),
      plaintext: each.write.input.value,
    }));
    const { requestId } = numbered[0]!.write.by;
    const envelopes = await this.envelopes.seal(items, { requestId });
    const intact = envelopes.filter((envelope) => envelope !== undefined);
    if (intact.length < envelopes.length) throw this.damaged(numbered.filter((_, index) => !envelopes[index]));
    return intact;
  }

  private damaged(numbered: readonly Numbered[]): DamagedKeks {
    const requests = new Map(numbered.map(({ write: { by, input } }) => [input.vaultId, by.requestId]));
    for (const [vaultId, requestId] of requests) this.alarm.raise('kek', { vaultId, requestId });
    return new DamagedKeks(new Set(requests.keys()));
  }
}

/** Whether there is a vault, and it takes such a value. */
function fits({ input }: SecretWrite, keys: ReadonlyMap<string, WriteKeys>): boolean {
  const found = keys.get(input.vaultId);
  return found !== undefined && (found.cmekFingerprint === null || isCmekValue(input.value));
}

function whyNot(write: SecretWrite, keys: ReadonlyMap<string, WriteKeys>): DomainError {
  if (!keys.has(write.input.vaultId)) return notFound('Vault');
  return fits(write, keys) ? wrongVersion() : notEncrypted();
}

function distinctVaults(writes: readonly SecretWrite[]) {
  const refs = writes.map(({ by, input }) => [input.vaultId, { orgId: by.caller.orgId, id: input.vaultId }] as const);
  return [...new Map(refs).values()];
}

function demandsOf(writes: readonly SecretWrite[]): VersionDemand[] {
  const demands = new Map<string, VersionDemand>();
  for (const { by, input } of writes) {
    const { vaultId, path, preconditions } = input;
    const { orgId } = by.caller;
    const demand = demands.get(keyOf(input)) ?? { orgId, vaultId, path, amount: 0, preconditions };
    demand.amount += 1;
    demands.set(keyOf(input), demand);
  }
  return [...demands.values()];
}

/** Writes to one path get its numbers in their order; those that preconditions forbid get none. */
function number(
  writes: readonly SecretWrite[],
  taken: readonly TakenVersions[],
  keys: ReadonlyMap<string, WriteKeys>,
): Numbered[] {
  const byPath = new Map(taken.map((each) => [keyOf(each), { ...each }]));
  const counted = [...writes].reverse().flatMap((write) => {
    const path = byPath.get(keyOf(write.input));
    if (!path) return [];
    const { id: secretId, lastVersion: version, takenAt: createdAt } = path;
    path.lastVersion -= 1;
    return { write, keys: keys.get(write.input.vaultId)!, secretId, version, createdAt };
  });
  return counted.reverse();
}

function toVersion({ write, keys, secretId, version, createdAt }: Numbered): Omit<NewVersion, keyof Envelope> {
  const { type, metadataJson, rotationPolicyJson, expiresAt, maxAccessCount } = write.input;
  const given = { type, metadataJson, rotationPolicyJson, expiresAt, maxAccessCount };
  const { kekId, cmekFingerprint } = keys;
  return { ...given, secretId, version, kekId, cmekFingerprint, createdBy: subjectOf(write.by.caller), createdAt };
}

function toBound(numbered: Numbered): BoundVersion {
  const { by, input } = numbered.write;
  const { vaultId, path } = input;
  return { ...toVersion(numbered), orgId: by.caller.orgId, vaultId, path };
}

function toMetadata({ write: { input }, secretId, version, createdAt }: Numbered): SecretMetadata {
  const { path, type, metadataJson, expiresAt } = input;
  return { id: secretId, path, type, version, metadataJson, createdAt, expiresAt };
}

function toEvent({ write: { by, input }, secretId, version }: Numbered) {
  const origin = { ipAddress: by.ipAddress, requestId: by.requestId };
  const { vaultId, path } = input;
  return versionEvent('secret.write', { ...actorOf(by.caller), ...origin }, { id: secretId, vaultId, path, version });
}

function toStraggler({ write: { input }, secretId, version }: Numbered) {
  return { vaultId: input.vaultId, secretId, version };
}

function keyOf({ vaultId, path }: { vaultId: string; path: string }): string {
  return `${vaultId}/${path}`;
}
