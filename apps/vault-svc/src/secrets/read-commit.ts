import { Injectable } from '@nestjs/common';
import { transaction } from '@oneclaw/database';
import { DataSource } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
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

  /** Commits the count and the audit event of every read; takes the values from reads beyond their limit. */
  async commit(reads: readonly SecretRead[]): Promise<void> {
    const limited = reads.filter((read) => read.value !== undefined && isLimited(read));
    if (limited.length === 0) return await commitEvents(this.database.manager, readEvents(reads));
    await transaction(this.database, async (manager) => {
      const granted = await this.counts.take(manager, demandsOf(limited));
      refuseBeyond(limited, granted);
      await commitEvents(manager, readEvents(reads));
    });
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
    else refuse(read);
  }
}

function refuse(read: SecretRead): void {
  read.value?.fill(0);
  delete read.value;
  read.error = usedUp();
}

function keyOf({ secretId, version }: Pick<AccessDemand, 'secretId' | 'version'>): string {
  return `${secretId}/${version}`;
}
