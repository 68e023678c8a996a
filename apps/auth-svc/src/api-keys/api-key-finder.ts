import { Injectable } from '@nestjs/common';
import type { Role } from '@oneclaw/caller';
import type { OutgoingCall } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { KeyMacs } from '../tokens/key-macs.js';
import type { ApiKeyHolder } from './api-key.entity.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { isPersonalKey } from './personal-key.js';

export type ActiveHolder = ApiKeyHolder & { role: Role };

/** Whose key it is, or why it opens nothing; then with the key that was tried, if it is one. */
export type ApiKeyVerdict =
  { accepted: true; holder: ActiveHolder } | { accepted: false; reason: string; holder: ApiKeyHolder | undefined };

/** Decides on personal API keys, by their present state. */
@Injectable()
export class ApiKeyFinder {
  constructor(
    private readonly database: DataSource,
    private readonly macs: KeyMacs,
    private readonly keys: ApiKeysRepository,
  ) {}

  /** By key, many at once: one batch of MACs, one statement. */
  async judge(keys: readonly string[], call: OutgoingCall): Promise<Map<string, ApiKeyVerdict>> {
    const plausible = [...new Set(keys)].filter(isPersonalKey);
    const macs = await this.macs.compute(plausible, call, 'personal-api-key');
    const holders = macs.length === 0 ? [] : await this.keys.findHolders(this.database, macs);
    const holderOf = new Map(plausible.map((key, index) => [key, holders[index]]));
    return new Map(keys.map((key) => [key, verdictOn(holderOf.get(key))]));
  }
}

function verdictOn(holder: ApiKeyHolder | undefined): ApiKeyVerdict {
  if (!holder) return { accepted: false, reason: 'unknown_key', holder };
  if (holder.expired) return { accepted: false, reason: 'expired', holder };
  const { role } = holder;
  return role === null
    ? { accepted: false, reason: 'not_a_member', holder }
    : { accepted: true, holder: { ...holder, role } };
}
