import { Injectable } from '@nestjs/common';
import { query, type Executor } from '@oneclaw/database';
import type { PathRange } from './path-ranges.js';
import type { SecretMetadata } from './secret.entity.js';

/** With `inIndexOrder`: a walk along the unique index on (vault_id, path), in its order. */
export const LIST = `
  SELECT s.id, s.path, sv.type, sv.version, sv.metadata::text AS "metadataJson", sv.created_at AS "createdAt",
    sv.expires_at AS "expiresAt"
  FROM secrets s JOIN secret_versions sv ON sv.secret_id = s.id AND sv.version = s.current_version
  WHERE s.org_id = $1 AND s.vault_id = $2 AND s.path > $3 AND s.path >= $4 AND s.path < $5
    AND s.deleted_at IS NULL AND (sv.expires_at IS NULL OR sv.expires_at > now())
  ORDER BY s.path LIMIT $6`;

/** Above every path, which has letters, digits, `_`, `-` and `/`. */
const BEYOND = '~';

@Injectable()
export class SecretListRepository {
  /** Live secrets of a range that come after a path, at most `limit`. */
  async list(
    executor: Executor,
    orgId: string,
    vaultId: string,
    { from, to }: PathRange,
    after: string,
    limit: number,
  ): Promise<SecretMetadata[]> {
    const values = [orgId, vaultId, after, from, to ?? BEYOND, limit];
    return await query<SecretMetadata>(executor, LIST, values, { prepare: 'secret-list' });
  }
}
