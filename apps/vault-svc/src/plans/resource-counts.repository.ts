import { Injectable } from '@nestjs/common';
import { query, type Executor } from '@oneclaw/database';
import { LivePathsRepository } from '../secrets/live-paths.repository.js';
import { VaultsRepository } from '../vaults/vaults.repository.js';

const SHARES = `
  SELECT count(*) AS count FROM shares s JOIN secrets sec ON sec.id = s.secret_id
  JOIN vaults v ON v.id = sec.vault_id AND v.deleted_at IS NULL
  WHERE s.org_id = $1 AND s.revoked_at IS NULL AND s.declined_at IS NULL AND s.expires_at > statement_timestamp()
    AND (s.max_access_count IS NULL OR s.access_count < s.max_access_count)`;

export interface ResourceCounts {
  vaults: number;
  secrets: number;
  shares: number;
}

/** How much an org has. */
@Injectable()
export class ResourceCountsRepository {
  constructor(
    private readonly vaults: VaultsRepository,
    private readonly paths: LivePathsRepository,
  ) {}

  async count(executor: Executor, orgId: string): Promise<ResourceCounts> {
    const [vaults, secrets, shares] = await Promise.all([
      this.vaults.count(executor, orgId),
      this.paths.countExactly(executor, orgId),
      query<{ count: number }>(executor, SHARES, [orgId]),
    ]);
    return { vaults, secrets, shares: shares[0]!.count };
  }
}
