import { Injectable } from '@nestjs/common';
import { query, type Executor } from '@oneclaw/database';
import type { SecretMetadata } from './secret.entity.js';

/** What may be said of a version to those who may read it. */
export interface ListedVersion extends Omit<SecretMetadata, 'id' | 'path'> {
  createdBy: string;
  maxAccessCount: number | null;
  accessCount: number;
  cmekFingerprint: string | null;
}

const FIND = `
  SELECT id, deleted_through AS "deletedThrough" FROM secrets WHERE org_id = $1 AND vault_id = $2 AND path = $3`;

/** With `inIndexOrder`: backwards along the primary key. */
const LIST = `
  SELECT version, type, metadata::text AS "metadataJson", created_by AS "createdBy", created_at AS "createdAt",
    expires_at AS "expiresAt", max_access_count AS "maxAccessCount", access_count AS "accessCount",
    cmek_fingerprint AS "cmekFingerprint"
  FROM secret_versions WHERE secret_id = $1 AND version < $2::bigint ORDER BY version DESC LIMIT $3`;

@Injectable()
export class VersionListRepository {
  async find(executor: Executor, orgId: string, vaultId: string, path: string) {
    const values = [orgId, vaultId, path];
    const [secret] = await query<{ id: string; deletedThrough: number }>(executor, FIND, values);
    return secret;
  }

  /** Newest first, of a secret that was found in the caller's org; at most `limit`. */
  async list(executor: Executor, secretId: string, before: number, limit: number): Promise<ListedVersion[]> {
    return await query<ListedVersion>(executor, LIST, [secretId, before, limit], { prepare: 'version-list' });
  }
}
