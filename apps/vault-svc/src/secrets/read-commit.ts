import { Injectable } from '@nestjs/common';
import { transaction } from '@oneclaw/database';
import type { OutboxEvent } from '@oneclaw/events';
import { DataSource, type EntityManager } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import type { Refused } from '../audit/refusal-trail.js';
import { AccessCountsRepository, type AccessDemand } from './access-counts.repository.js';
import { usedUp } from './read-rules.js';
import { readEvents } from './read-events.js';
import type { FoundVersion, SecretRead } from './secret-read.js';

/** The last step of a batch of reads. What it does not commit is not revealed. */
@Injectable()
export class ReadCommit {
  constructor(
    private readonly database: DataSource,
    private readonly counts: AccessCountsRepository,
  ) {}

  /** Commits the counts and the audit events of every read; takes the values from reads beyond their limits. */
  async commit(reads: readonly SecretRead[]): Promise<void> {
    const counted = reads.filter((read) => read.value !== undefined && (isLimited(read) || read.lending));
    if (counted.length === 0) return await commitEvents(this.database.manager, readEvents(reads));
    await transaction(this.database, async (manager) => {
      const reported = await this.count(manager, counted);
      await commitEvents(manager, [...readEvents(reads), ...reported]);
    });
  }

  /** All limits of a read, or none: what lends it is locked first, and counts last. Answers what is to be told besides the reads. */
  private async count(manager: EntityManager, reads: readonly SecretRead[]): Promise<OutboxEvent[]> {
    for (const read of reads) {
      const refusal = await read.lending?.lock(manager);
      if (refusal) refuse(read, refusal);
    }
    const limited = reads.filter((read) => read.value !== undefined && isLimited(read));
    if (limited.length > 0) refuseBeyond(limited, await this.counts.take(manager, demandsOf(limited)));
    const reported: OutboxEvent[] = [];
    for (const { lending, value, found } of reads) {
      if (lending && value) reported.push(...(await lending.settle(manager, found?.version as FoundVersion)));
    }
    return reported;
  }
}

function isLimited({ found }: SecretRead): boolean {
  return found?.version !== undefined && found.version.maxAccessCount !== null;
}

function demandsOf(reads: readonly SecretRead[]): AccessDemand[] {
  const demands = new Map<string, AccessDemand>();
  for (const read of reads) {
    const { id: secretId, version } = read.found?.version as FoundVersion;
    const demand = demands.get(keyOf({ secretId, version })) ?? { secretId, version, amount: 0 };
    demand.amount += 1;
    demands.set(keyOf(demand), demand);
  }
  return [...demands.values()];
}

/** First come, first served within a batch. */
function refuseBeyond(reads: readonly SecretRead[], granted: readonly AccessDemand[]): void {
  const left = new Map(granted.map((demand) => [keyOf(demand), demand.amount]));
  for (const read of reads) {
    const { id: secretId, version } = read.found?.version as FoundVersion;
    const key = keyOf({ secretId, version });
    const amount = left.get(key) ?? 0;
    if (amount > 0) left.set(key, amount - 1);
    else refuse(read, usedUp());
  }
}

function refuse(read: SecretRead, refusal: Refused): void {
  read.value?.fill(0);
  delete read.value;
  read.error = refusal;
}

function keyOf({ secretId, version }: Pick<AccessDemand, 'secretId' | 'version'>): string {
  return `${secretId}/${version}`;
}
