import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import type { BoundVersion } from '../secrets/associated-data.js';
import { storedDate } from '../secrets/stored-date.js';
import type { RotationWork } from './kek-rotation.entity.js';

/** A version with what its DEK is bound to. */
export interface WrappedVersion extends Omit<BoundVersion, 'orgId' | 'vaultId'> {
  kekId: string;
  wrappedDek: Buffer;
}

/** A version's DEK as it was, and as it is to be. */
export interface Rewrapped extends Pick<WrappedVersion, 'secretId' | 'version' | 'kekId' | 'wrappedDek'> {
  newWrappedDek: Buffer;
}

/**
 * A walk along the unique index on (vault_id, path), and from each secret along its versions. The secret where the walk stands may
 * have no more versions, hence one secret more than are asked for: only the end of the vault answers nothing.
 */
const WALK = `
  SELECT s.id AS "secretId", s.path, sv.version, sv.type, sv.metadata::text AS "metadataJson",
    sv.rotation_policy::text AS "rotationPolicyJson", sv.created_by AS "createdBy", sv.created_at AS "createdAt",
    sv.expires_at AS "expiresAt", sv.max_access_count AS "maxAccessCount", sv.cmek_fingerprint AS "cmekFingerprint",
    sv.kek_id AS "kekId", sv.wrapped_dek AS "wrappedDek"
  FROM (SELECT id, path FROM secrets WHERE vault_id = $1 AND path >= $2 ORDER BY path LIMIT $4 + 1) s
  CROSS JOIN LATERAL (
    SELECT version, type, metadata, rotation_policy, created_by, created_at, expires_at, max_access_count, cmek_fingerprint,
      kek_id, wrapped_dek
    FROM secret_versions WHERE secret_id = s.id AND (s.path > $2 OR version > $3) ORDER BY version LIMIT $4
  ) sv
  ORDER BY s.path, sv.version LIMIT $4`;

/**
 * Only where nothing else has changed the envelope meanwhile. In the order in which access counts lock their rows, so that neither
 * waits for the other in a circle.
 */
const REWRAP = `
  WITH rewrapped AS (
    SELECT sv.secret_id, sv.version, new.wrapped_dek
    FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::bytea[], $5::bytea[]) AS new (secret_id, version, old_kek_id,
      old_wrapped_dek, wrapped_dek)
    JOIN secret_versions sv ON sv.secret_id = new.secret_id AND sv.version = new.version
    WHERE sv.kek_id = new.old_kek_id AND sv.wrapped_dek = new.old_wrapped_dek
    ORDER BY sv.secret_id, sv.version
    FOR NO KEY UPDATE OF sv
  )
  UPDATE secret_versions sv SET kek_id = $6, wrapped_dek = rewrapped.wrapped_dek FROM rewrapped
  WHERE sv.secret_id = rewrapped.secret_id AND sv.version = rewrapped.version`;

/** Walks through a vault's versions, those of deleted secrets too, and stores their rewrapped DEKs. */
@Injectable()
export class RewrapsRepository {
  /** The next versions, at most `limit`; none at the end. */
  async walk(
    executor: Executor,
    { vaultId, walkedPath, walkedVersion }: RotationWork,
    limit: number,
  ): Promise<WrappedVersion[]> {
    const rows = await query<WrappedVersion>(executor, WALK, [vaultId, walkedPath, walkedVersion, limit]);
    return rows.map((row) => ({
      ...row,
      createdAt: storedDate(row.createdAt),
      expiresAt: row.expiresAt === null ? null : storedDate(row.expiresAt),
    }));
  }

  /** Answers how many it changed. */
  async rewrap(executor: Executor, toKekId: string, versions: readonly Rewrapped[]): Promise<number> {
    const columns = [
      versions.map((each) => each.secretId),
      versions.map((each) => each.version),
      versions.map((each) => each.kekId),
      versions.map((each) => each.wrappedDek),
      versions.map((each) => each.newWrappedDek),
    ];
    return await execute(executor, REWRAP, [...columns, toKekId]);
  }
}
