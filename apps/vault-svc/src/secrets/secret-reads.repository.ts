import { Injectable } from '@nestjs/common';
import { query, type Executor } from '@oneclaw/database';
import type { FoundSecret, FoundVersion, SecretRead } from './secret-read.js';
import { storedDate } from './stored-date.js';

/** What the values of one answer may have in bytes together; the first always has room. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Four index look-ups per item, at any size: vaults by id, secrets by (vault, path), versions by (secret, version), the version's KEK.
 * LATERAL keeps the planner from hashing a table that happened to be small when it looked. The latest version is the newest row, and
 * not the row that the secret names: so a secret that was put back to an earlier state shows. A value that the answer has no
 * room for is not even fetched from where it is stored out of line.
 */
const FIND = `
  SELECT v.id AS "vaultId", v.created_by AS "vaultCreatedBy", v.created_by_type AS "vaultCreatedByType",
    v.policies_revision::float8 AS "policiesRevision",
    s.id AS "secretId", s.current_version AS "currentVersion", s.deleted_through AS "deletedThrough",
    sv.version, sv.type, sv.kek_id AS "kekId", k.wrapped AS "wrappedKek", sv.wrapped_dek AS "wrappedDek",
    CASE WHEN item.ord = 1 OR sum(octet_length(sv.sealed_value)) OVER so_far <= $5 THEN sv.sealed_value END AS "sealedValue",
    sv.sealed_value IS NULL AS "sealedMissing",
    sv.metadata::text AS "metadataJson", sv.rotation_policy::text AS "rotationPolicyJson",
    sv.cmek_fingerprint AS "cmekFingerprint", sv.created_by AS "createdBy", sv.created_at AS "createdAt",
    sv.expires_at AS "expiresAt", sv.max_access_count AS "maxAccessCount", sv.access_count AS "accessCount"
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[]) WITH ORDINALITY AS item (org_id, vault_id, path, version, ord)
  LEFT JOIN vaults v ON v.id = item.vault_id AND v.org_id = item.org_id AND v.deleted_at IS NULL
  LEFT JOIN LATERAL (
    SELECT id, current_version, deleted_through FROM secrets WHERE vault_id = v.id AND path = item.path LIMIT 1
  ) s ON true
  LEFT JOIN LATERAL (
    SELECT version, type, kek_id, wrapped_dek, sealed_value, metadata, rotation_policy, cmek_fingerprint, created_by, created_at,
      expires_at, max_access_count, access_count
    FROM secret_versions
    WHERE secret_id = s.id AND version <= CASE WHEN item.version = 0 THEN 2147483647 ELSE item.version END
    ORDER BY version DESC LIMIT 1
  ) sv ON true
  LEFT JOIN LATERAL (SELECT wrapped FROM vault_keks WHERE id = sv.kek_id AND vault_id = v.id LIMIT 1) k ON true
  WINDOW so_far AS (ORDER BY item.ord ROWS UNBOUNDED PRECEDING)
  ORDER BY item.ord`;

interface Row {
  vaultId: string | null;
  vaultCreatedBy: string;
  vaultCreatedByType: 'user' | 'system';
  policiesRevision: number;
  secretId: string | null;
  currentVersion: number;
  deletedThrough: number;
  version: number | null;
  type: string;
  kekId: string | null;
  wrappedKek: Buffer | null;
  wrappedDek: Buffer | null;
  /** Null where there is no version, no room for it, or where it is missing. */
  sealedValue: Buffer | null;
  sealedMissing: boolean;
  metadataJson: string;
  rotationPolicyJson: string | null;
  cmekFingerprint: string | null;
  createdBy: string;
  createdAt: Date;
  expiresAt: Date | null;
  maxAccessCount: number | null;
  accessCount: number;
}

/** In place of what is missing, or of a KEK that is another vault's: crypto-svc finds it damaged. */
const NOTHING = Buffer.alloc(0);

@Injectable()
export class SecretReadsRepository {
  /** Each within its caller's org; in the order of the reads. Those that one answer has no room for are deferred. */
  async find(executor: Executor, reads: readonly SecretRead[]): Promise<FoundSecret[]> {
    const columns = [
      reads.map((read) => read.by.caller.orgId),
      reads.map((read) => read.vaultId),
      reads.map((read) => read.path),
      reads.map((read) => read.requestedVersion),
      MAX_BYTES,
    ];
    const rows = await query<Row>(executor, FIND, columns, { prepare: 'secret-reads' });
    return rows.map((row, index) => toFound(row, reads[index] as SecretRead));
  }
}

function toFound(row: Row, { by, path, requestedVersion }: SecretRead): FoundSecret {
  if (row.vaultId === null) return {};
  const vault = {
    id: row.vaultId,
    orgId: by.caller.orgId,
    createdBy: row.vaultCreatedBy,
    createdByType: row.vaultCreatedByType,
    policiesRevision: row.policiesRevision,
  };
  if (row.secretId === null) return { vault };
  const { secretId: id, currentVersion, deletedThrough } = row;
  const inconsistent = isInconsistent(row, requestedVersion);
  const secret = { id, currentVersion, deletedThrough, inconsistent };
  if (row.version === null || (requestedVersion !== 0 && row.version !== requestedVersion)) return { vault, secret };
  if (row.sealedValue === null && !row.sealedMissing) return { deferred: true };
  return { vault, secret, version: toVersion(row, id, path) };
}

/** Versions are numbered from 1 to the current one without a gap, and none is ever removed by itself. */
function isInconsistent({ version, currentVersion }: Row, requestedVersion: number): boolean {
  const wanted = requestedVersion || currentVersion;
  return (version ?? 0) > currentVersion || (wanted <= currentVersion && wanted !== version);
}

function toVersion(row: Row, id: string, path: string): FoundVersion {
  return {
    id,
    path,
    type: row.type,
    version: row.version as number,
    metadataJson: row.metadataJson,
    rotationPolicyJson: row.rotationPolicyJson,
    createdAt: storedDate(row.createdAt),
    expiresAt: row.expiresAt && storedDate(row.expiresAt),
    kek: { kekId: row.kekId ?? '', wrapped: row.wrappedKek ?? NOTHING },
    wrappedDek: row.wrappedDek ?? NOTHING,
    sealedValue: row.sealedValue ?? NOTHING,
    cmekFingerprint: row.cmekFingerprint,
    createdBy: row.createdBy,
    maxAccessCount: row.maxAccessCount,
    accessCount: row.accessCount,
  };
}
