import { Injectable } from '@nestjs/common';
import type { OutgoingCall } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { EffectivePolicies, type PolicyKey } from '../policies/effective-policies.js';
import { ReadCommit } from './read-commit.js';
import { ReadOpener } from './read-opener.js';
import { isNotModified, refusalOf } from './read-rules.js';
import type { SecretRead } from './secret-read.js';
import { SecretReadsRepository } from './secret-reads.repository.js';

/** Reads of a batch: found by one query, opened by one call, committed by one statement, and only then answered. */
@Injectable()
export class ReadSecretsService {
  constructor(
    private readonly database: DataSource,
    private readonly repository: SecretReadsRepository,
    private readonly effective: EffectivePolicies,
    private readonly opener: ReadOpener,
    private readonly readCommit: ReadCommit,
  ) {}

  /** Gives each read its value or its error, or says that it is not modified or deferred. Throws where nothing may be answered at all. */
  async read(reads: readonly SecretRead[], call: OutgoingCall): Promise<void> {
    if (reads.length === 0) return;
    const found = await this.repository.find(this.database, reads);
    reads.forEach((read, index) => (read.found = found[index]!));
    for (const read of reads) if (read.found?.deferred) read.deferred = true;
    const answered = reads.filter((read) => !read.deferred);
    await this.authorize(answered);
    await this.opener.open(answered, call);
    await this.commitOrForget(answered);
  }

  private async commitOrForget(reads: readonly SecretRead[]): Promise<void> {
    try {
      await this.readCommit.commit(reads);
    } catch (error) {
      for (const read of reads) read.value?.fill(0);
      throw error;
    }
  }

  private async authorize(reads: readonly SecretRead[]): Promise<void> {
    const inVaults = reads.filter((read) => read.found?.vault);
    const policies = await this.effective.find(inVaults.map(keyOf));
    const byRead = new Map(inVaults.map((read, index) => [read, policies[index] ?? []]));
    const now = Date.now();
    for (const read of reads) {
      const refusal = refusalOf(read, byRead.get(read) ?? [], now);
      if (refusal) read.error = refusal;
      else if (isNotModified(read)) read.notModified = true;
    }
  }
}

function keyOf({ by, found }: SecretRead): PolicyKey {
  return { caller: by.caller, vault: found!.vault! };
}
