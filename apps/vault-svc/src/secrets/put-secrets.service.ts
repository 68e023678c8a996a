import { Injectable } from '@nestjs/common';
import { isDomainError, notFound, permissionDenied, unavailable, type DomainError } from '@oneclaw/errors';
import { DataSource } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import { DamageAlarm } from '../crypto/damage-alarm.js';
import { accessSubjectOf } from '../access/access-subject.js';
import { Refused, isRefusal } from '../audit/refusal-trail.js';
import { evaluate, type CompiledPolicy } from '../policies/engine/index.js';
import { EffectivePolicies } from '../policies/effective-policies.js';
import type { Vault } from '../vaults/vault.entity.js';
import { VaultsRepository } from '../vaults/vaults.repository.js';
import { roundsOf } from './rounds.js';
import type { SecretWrite } from './secret-write.js';
import type { SecretMetadata } from './secret.entity.js';
import { PlannedWriter } from './planned-writer.js';
import { DamagedNumbering } from './secret-writes.repository.js';
import { DamagedKeks } from './version-writer.js';
import { refusedWriteEvent } from './write-events.js';

type Outcome = SecretMetadata | DomainError;

/** Writes of a batch: judged together, then committed in one transaction, or a few where preconditions depend on writes before them. */
@Injectable()
export class PutSecretsService {
  constructor(
    private readonly database: DataSource,
    private readonly vaults: VaultsRepository,
    private readonly effective: EffectivePolicies,
    private readonly writer: PlannedWriter,
    private readonly alarm: DamageAlarm,
  ) {}

  /** In the order of the writes. Refusals are committed to the trail before anything is written. */
  async put(writes: readonly SecretWrite[]): Promise<Outcome[]> {
    try {
      return await this.judgeAndWrite(writes);
    } finally {
      for (const { input } of writes) input.value.fill(0);
    }
  }

  private async judgeAndWrite(writes: readonly SecretWrite[]): Promise<Outcome[]> {
    const refusals = await this.judge(writes);
    const events = writes.flatMap((write, index) => {
      const refusal = refusals[index];
      return isRefusal(refusal) ? [refusedWriteEvent(write, refusal)] : [];
    });
    await commitEvents(this.database.manager, events);
    const written = await this.writeInRounds(writes.filter((_, index) => refusals[index] === undefined));
    return writes.map((write, index) => refusals[index] ?? (written.get(write) as Outcome));
  }

  private async judge(writes: readonly SecretWrite[]): Promise<(DomainError | undefined)[]> {
    const refs = writes.map(({ by, input }) => ({ orgId: by.caller.orgId, id: input.vaultId }));
    const vaults = await this.vaults.findMany(this.database, refs);
    const known = writes.filter((write) => vaultOf(write, vaults));
    const keys = known.map((write) => ({ caller: write.by.caller, vault: vaultOf(write, vaults)! }));
    const policies = await this.effective.find(keys);
    const policiesOf = new Map(known.map((write, index) => [write, policies[index] ?? []]));
    const now = Date.now();
    return writes.map((write) => refusalOf(write, vaultOf(write, vaults), policiesOf.get(write) ?? [], now));
  }

  private async writeInRounds(permitted: readonly SecretWrite[]): Promise<Map<SecretWrite, Outcome>> {
    const outcomes = new Map<SecretWrite, Outcome>();
    for (const round of roundsOf(permitted)) {
      const written = await this.write(round);
      round.forEach((write, index) => outcomes.set(write, written[index] as Outcome));
    }
    return outcomes;
  }

  /** Where a vault's KEK is damaged, or a secret's numbering, no number is given, and the others of the batch go on. */
  private async write(permitted: readonly SecretWrite[]): Promise<Outcome[]> {
    try {
      return await this.writer.write(permitted);
    } catch (error) {
      if (error instanceof DamagedKeks) return await this.writeWithout(error, permitted);
      if (error instanceof DamagedNumbering) return await this.writeByPath(error, permitted);
      if (!isDomainError(error)) throw error;
      return permitted.map(() => error);
    }
  }

  private async writeWithout(damage: DamagedKeks, permitted: readonly SecretWrite[]): Promise<Outcome[]> {
    const isDamaged = ({ input }: SecretWrite): boolean => damage.vaultIds.has(input.vaultId);
    const written = (await this.write(permitted.filter((write) => !isDamaged(write)))).values();
    return permitted.map((write) => (isDamaged(write) ? damage : (written.next().value as Outcome)));
  }

  /** Whose numbering it is, only that path shows when it is written alone. */
  private async writeByPath(damage: DamagedNumbering, permitted: readonly SecretWrite[]): Promise<Outcome[]> {
    const pathOf = ({ input }: SecretWrite): string => `${input.vaultId}/${input.path}`;
    const paths = new Set(permitted.map(pathOf));
    const outcomes = new Map<SecretWrite, Outcome>();
    for (const path of paths) {
      const writes = permitted.filter((write) => pathOf(write) === path);
      const written = paths.size > 1 ? await this.write(writes) : this.refuseDamaged(damage, writes);
      writes.forEach((write, index) => outcomes.set(write, written[index] as Outcome));
    }
    return permitted.map((write) => outcomes.get(write) as Outcome);
  }

  private refuseDamaged(damage: DamagedNumbering, writes: readonly SecretWrite[]): Outcome[] {
    for (const { by, input } of writes) {
      this.alarm.raise('numbering', { vaultId: input.vaultId, requestId: by.requestId });
    }
    return writes.map(() => damage);
  }
}

/** The vault that a write names, where it is of the caller's org. */
function vaultOf({ by, input }: SecretWrite, vaults: ReadonlyMap<string, Vault>): Vault | undefined {
  const vault = vaults.get(input.vaultId);
  return vault?.orgId === by.caller.orgId ? vault : undefined;
}

function refusalOf(
  { by, input, deadline }: SecretWrite,
  vault: Vault | undefined,
  policies: readonly CompiledPolicy[],
  now: number,
): DomainError | undefined {
  if (deadline <= now) return unavailable('The write had to wait for too long. Try again in a moment.');
  if (!vault) return new Refused(notFound('Vault'), 'vault_not_found');
  const subject = accessSubjectOf(by.caller);
  const decision = evaluate({ action: 'write', subject, vault, path: input.path, ip: by.ipAddress, at: now }, policies);
  return decision.allowed ? undefined : new Refused(permissionDenied('You may not write this path.'), decision.reason);
}
