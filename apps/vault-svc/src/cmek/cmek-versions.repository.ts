import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import type { Envelope } from '../crypto/envelopes.client.js';
import type { BoundVersion } from '../secrets/associated-data.js';
import { packed } from '../secrets/packed.js';
import { storedDate } from '../secrets/stored-date.js';
import type { VaultKek } from '../vaults/vault.entity.js';
import type { CmekRotationWork } from './cmek-rotation.entity.js';

/** A version with everything that is needed to seal it anew. */
export interface CmekVersion extends Omit<BoundVersion, 'orgId' | 'vaultId'>, Envelope {
  kek: VaultKek;
}

/** Which version: a secret's id and a number. */
export type VersionRef = Pick<CmekVersion, 'secretId' | 'version'>;

interface Row extends Omit<CmekVersion, 'kek'> {
  kekId: string;
  wrappedKek: Buffer | null;
}

const COLUMNS = `
  s.id AS "secretId", s.path, sv.version, sv.type, sv.metadata::text AS "metadataJson",
  sv.rotation_policy::text AS "rotationPolicyJson", sv.created_by AS "createdBy", sv.created_at AS "createdAt",
  sv.expires_at AS "expiresAt", sv.max_access_count AS "maxAccessCount", sv.cmek_fingerprint AS "cmekFingerprint",
  sv.kek_id AS "kekId", k.wrapped AS "wrappedKek", sv.wrapped_dek AS "wrappedDek", sv.sealed_value AS "sealedValue"`;

/**
 * A walk along the unique index on (vault_id, path), and from each secret along its versions, those under other keys too: so that
 * a statement looks at no more rows than it answers. The secret where the walk stands may have no more versions, hence one secret
 * more than are asked for: only the end of the vault answers nothing.
 */
const WALK = `
  WITH seen AS (
    SELECT s.id, s.path, sv.version, sv.cmek_fingerprint = $3 IS TRUE AS wanted, octet_length(sv.sealed_value) AS size
    FROM (SELECT id, path FROM secrets WHERE vault_id = $1 AND path >= $4 ORDER BY path LIMIT $6 + 1) s
    CROSS JOIN LATERAL (
      SELECT version, cmek_fingerprint, sealed_value FROM secret_versions
      WHERE secret_id = s.id AND (s.path > $4 OR version > $5) ORDER BY version LIMIT $6
    ) sv
    ORDER BY s.path, sv.version LIMIT $6
  )
  SELECT path, version, id AS "secretId", wanted,
    coalesce(sum(size) FILTER (WHERE wanted) OVER (ORDER BY path, version) - size, 0) < $2 AS fits
  FROM seen ORDER BY path, version`;

const FIND = `
  SELECT ${COLUMNS}
  FROM unnest($2::uuid[], $3::int[]) AS wanted (secret_id, version)
  JOIN secrets s ON s.id = wanted.secret_id AND s.vault_id = $1
  JOIN secret_versions sv ON sv.secret_id = s.id AND sv.version = wanted.version
  LEFT JOIN vault_keks k ON k.id = sv.kek_id AND k.vault_id = s.vault_id
  WHERE sv.cmek_fingerprint = $4
  ORDER BY sv.secret_id, sv.version`;

/** Only where nothing else has changed the envelope meanwhile; rows are locked in the order in which access counts lock them. */
const REPLACE = `
  WITH moved AS (
    SELECT sv.secret_id, sv.version, new.wrapped_dek, substr($5::bytea, new.start, new.length) AS sealed_value
    FROM unnest($1::uuid[], $2::int[], $3::bytea[], $4::bytea[], $6::int[], $7::int[]) AS new (secret_id, version,
      old_wrapped_dek, wrapped_dek, start, length)
    JOIN secret_versions sv ON sv.secret_id = new.secret_id AND sv.version = new.version
    WHERE sv.cmek_fingerprint = $8 AND sv.wrapped_dek = new.old_wrapped_dek
    ORDER BY sv.secret_id, sv.version
    FOR NO KEY UPDATE OF sv
  )
  UPDATE secret_versions sv SET kek_id = $10, wrapped_dek = moved.wrapped_dek, sealed_value = moved.sealed_value,
    cmek_fingerprint = $9
  FROM moved WHERE sv.secret_id = moved.secret_id AND sv.version = moved.version`;

const ANY_LEFT = `
  SELECT EXISTS (
    SELECT FROM secrets s JOIN secret_versions sv ON sv.secret_id = s.id
    WHERE s.vault_id = $1 AND sv.cmek_fingerprint = $2
      AND NOT EXISTS (SELECT FROM cmek_stragglers c WHERE (c.vault_id, c.secret_id, c.version) = ($1, sv.secret_id, sv.version))
  ) AS "left"`;

const ADD_STRAGGLERS = `
  INSERT INTO cmek_stragglers AS s (vault_id, secret_id, version, unreadable)
  SELECT vault_id, secret_id, version, $4 FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS new (vault_id, secret_id, version)
  ON CONFLICT (vault_id, secret_id, version) DO UPDATE SET unreadable = excluded.unreadable`;

const STRAGGLERS = `
  SELECT secret_id AS "secretId", version FROM cmek_stragglers WHERE vault_id = $1 AND NOT unreadable LIMIT $2`;

const DELETE_STRAGGLERS = `
  DELETE FROM cmek_stragglers s USING unnest($2::uuid[], $3::int[]) AS done (secret_id, version)
  WHERE s.vault_id = $1 AND s.secret_id = done.secret_id AND s.version = done.version AND NOT s.unreadable`;

const COUNT_UNREADABLE = `
  SELECT count(*) AS "count" FROM cmek_stragglers WHERE vault_id = $1 AND unreadable`;

/** What a walk has seen. */
export interface Seen extends VersionRef {
  path: string;
  /** Under the old key. */
  wanted: boolean;
  /** Into the bytes that are fetched at once, with all before it. */
  fits: boolean;
}

@Injectable()
export class CmekVersionsRepository {
  /** The next versions of the vault, at most `limit`; none at the end. */
  async walk(executor: Executor, work: CmekRotationWork, limit: number, maxBytes: number): Promise<Seen[]> {
    const { vaultId, oldFingerprint, walkedPath, walkedVersion } = work;
    return await query<Seen>(executor, WALK, [vaultId, maxBytes, oldFingerprint, walkedPath, walkedVersion, limit]);
  }

  /** Whether a version is under the old key that is not noted as a straggler: then the walk has not been everywhere. */
  async isAnyLeft(executor: Executor, { vaultId, oldFingerprint }: CmekRotationWork): Promise<boolean> {
    const [row] = await query<{ left: boolean }>(executor, ANY_LEFT, [vaultId, oldFingerprint]);
    return row!.left;
  }

  /** Those of the versions that are under the old key. */
  async find(executor: Executor, work: CmekRotationWork, refs: readonly VersionRef[]): Promise<CmekVersion[]> {
    const values = [work.vaultId, ...columnsOf(refs), work.oldFingerprint];
    const rows = await query<Row>(executor, FIND, values);
    return rows.map(({ kekId, wrappedKek, ...row }) => ({
      ...row,
      createdAt: storedDate(row.createdAt),
      expiresAt: row.expiresAt === null ? null : storedDate(row.expiresAt),
      kek: { kekId, wrapped: wrappedKek ?? Buffer.alloc(0) },
    }));
  }

  /** Answers how many it changed. */
  async replace(
    executor: Executor,
    { oldFingerprint, newFingerprint }: CmekRotationWork,
    kekId: string,
    pairs: readonly { was: CmekVersion; becomes: Envelope }[],
  ): Promise<number> {
    const [bytes, starts, lengths] = packed(pairs.map(({ becomes }) => becomes.sealedValue));
    const columns = [
      ...columnsOf(pairs.map(({ was }) => was)),
      pairs.map(({ was }) => was.wrappedDek),
      pairs.map(({ becomes }) => becomes.wrappedDek),
      bytes,
      starts,
      lengths,
    ];
    return await execute(executor, REPLACE, [...columns, oldFingerprint, newFingerprint, kekId]);
  }

  /** Versions that the walk may have passed by, or, unreadable ones, that it has to leave as they are. */
  async addStragglers(
    executor: Executor,
    versions: readonly (VersionRef & { vaultId: string })[],
    unreadable = false,
  ): Promise<void> {
    const values = [versions.map(({ vaultId }) => vaultId), ...columnsOf(versions), unreadable];
    await execute(executor, ADD_STRAGGLERS, values);
  }

  /** Not tried yet. */
  async stragglers(executor: Executor, vaultId: string, limit: number): Promise<VersionRef[]> {
    return await query<VersionRef>(executor, STRAGGLERS, [vaultId, limit]);
  }

  /** But for those that are unreadable by now. */
  async deleteStragglers(executor: Executor, vaultId: string, versions: readonly VersionRef[]): Promise<void> {
    await execute(executor, DELETE_STRAGGLERS, [vaultId, ...columnsOf(versions)]);
  }

  async forgetStragglers(executor: Executor, vaultId: string): Promise<void> {
    await execute(executor, 'DELETE FROM cmek_stragglers WHERE vault_id = $1', [vaultId]);
  }

  async countUnreadable(executor: Executor, vaultId: string): Promise<number> {
    const [row] = await query<{ count: number }>(executor, COUNT_UNREADABLE, [vaultId]);
    return row!.count;
  }
}

function columnsOf(refs: readonly VersionRef[]): [string[], number[]] {
  return [refs.map(({ secretId }) => secretId), refs.map(({ version }) => version)];
}
