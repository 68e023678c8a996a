import { Injectable } from '@nestjs/common';
import {
  execute,
  isForeignKeyViolation,
  isOutOfRange,
  isUniqueViolation,
  query,
  type Executor,
} from '@oneclaw/database';
import { DomainError } from '@oneclaw/errors';
import { v7 as uuidv7 } from 'uuid';
import type { Envelope } from '../crypto/envelopes.client.js';
import { holds, isConditional, setText, type Preconditions } from './preconditions.js';
import { packed } from './packed.js';
import type { PutInput } from './put-input.js';
import type { SecretMetadata } from './secret.entity.js';

/**
 * Takes version numbers: the row of a path stays locked until the end of the transaction, so that its versions have neither gap nor
 * duplicate. In one order everywhere, or batches that share paths would wait for each other in a circle.
 */
const TAKE_VERSIONS = `
  INSERT INTO secrets AS s (id, org_id, vault_id, path, current_version)
  SELECT id, org_id, vault_id, path, amount
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::int[]) WITH ORDINALITY
    AS new (id, org_id, vault_id, path, amount, ord)
  ORDER BY ord
  ON CONFLICT (vault_id, path) DO UPDATE SET current_version = s.current_version + excluded.current_version, deleted_at = NULL
  RETURNING s.id, s.vault_id AS "vaultId", s.path, s.current_version AS "lastVersion", now() AS "takenAt"`;

/** The same where preconditions hold. The new row's id says which demand the old row is held against. */
const TAKE_VERSIONS_IF = `
  WITH wanted AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::text[], $7::text[]) WITH ORDINALITY
      AS w (id, org_id, vault_id, path, amount, if_match, if_none_match, ord)
  )
  INSERT INTO secrets AS s (id, org_id, vault_id, path, current_version)
  SELECT id, org_id, vault_id, path, amount FROM wanted w
  WHERE w.if_match IS NULL OR EXISTS (SELECT FROM secrets WHERE vault_id = w.vault_id AND path = w.path)
  ORDER BY ord
  ON CONFLICT (vault_id, path) DO UPDATE SET current_version = s.current_version + excluded.current_version, deleted_at = NULL
  WHERE EXISTS (SELECT FROM wanted w WHERE w.id = excluded.id AND ${holds('s', 'w.if_match', 'w.if_none_match')})
  RETURNING s.id, s.vault_id AS "vaultId", s.path, s.current_version AS "lastVersion", now() AS "takenAt"`;

/** The sealed values travel as one binary value (packed.ts). */
const INSERT_VERSIONS = `
  INSERT INTO secret_versions (secret_id, version, type, kek_id, wrapped_dek, sealed_value, metadata, rotation_policy,
    created_by, created_at, expires_at, max_access_count, cmek_fingerprint)
  SELECT secret_id, version, type, kek_id, wrapped_dek, substr($6::bytea, start, length), metadata::json,
    rotation_policy::json, created_by, created_at, expires_at, max_access_count, cmek_fingerprint
  FROM unnest($1::uuid[], $2::int[], $3::text[], $4::uuid[], $5::bytea[], $7::int[], $8::int[], $9::text[], $10::text[],
    $11::text[], $12::timestamptz[], $13::timestamptz[], $14::int[], $15::text[]) AS new (secret_id, version, type, kek_id, wrapped_dek,
    start, length, metadata, rotation_policy, created_by, created_at, expires_at, max_access_count, cmek_fingerprint)`;

const DELETE = `
  UPDATE secrets s SET deleted_at = now(), deleted_from = deleted_through, deleted_through = current_version
  WHERE org_id = $1 AND vault_id = $2 AND path = $3 AND deleted_at IS NULL AND ${holds('s', '$4::text', '$5::text')}
  RETURNING id, current_version AS "version"`;

/** Shares that the deletion ended stay ended: the secret comes back to those who may read it, and to nobody else. */
const RESTORE = `
  WITH restored AS (
    UPDATE secrets SET deleted_at = NULL, deleted_through = deleted_from
    WHERE org_id = $1 AND vault_id = $2 AND path = $3 AND deleted_at IS NOT NULL
    RETURNING id, path, current_version
  ), ended AS (
    UPDATE shares SET revoked_at = now() FROM restored WHERE secret_id = restored.id AND revoked_at IS NULL
  )
  SELECT r.id, r.path, sv.type, sv.version, sv.metadata::text AS "metadataJson", sv.created_at AS "createdAt",
    sv.expires_at AS "expiresAt"
  FROM restored r JOIN secret_versions sv ON sv.secret_id = r.id AND sv.version = r.current_version`;

const STATE = `
  SELECT deleted_at IS NULL AS live FROM secrets WHERE org_id = $1 AND vault_id = $2 AND path = $3`;

/** Where versions are wanted, and how many. */
export interface VersionDemand {
  orgId: string;
  vaultId: string;
  path: string;
  amount: number;
  /** For a path that was never written; absent = any. */
  id?: string;
  preconditions?: Preconditions | undefined;
}

/** The demanded versions are the `amount` ones up to `lastVersion`. */
export interface TakenVersions {
  id: string;
  vaultId: string;
  path: string;
  lastVersion: number;
  /** One moment for all: the versions are made then. */
  takenAt: Date;
}

export interface NewVersion extends Envelope, Omit<PutInput, 'vaultId' | 'path' | 'value' | 'preconditions'> {
  secretId: string;
  version: number;
  kekId: string;
  createdBy: string;
  createdAt: Date;
  /** Of the client's key that the value is under; null = none. */
  cmekFingerprint: string | null;
}

/** A rotation has replaced and deleted the KEK since it was looked up. Nothing was written. */
export class KekReplaced extends DomainError {
  constructor() {
    super('unavailable', 'The key of the vault was replaced just now. Try again.', { retryAfterSeconds: 1 });
  }
}

/** A number is taken already, or there is none: a secret among these was changed behind our back. Nothing was written. */
export class DamagedNumbering extends DomainError {
  constructor(cause: unknown) {
    super('internal', 'the versions of a secret are not those that it says it has', { cause });
  }
}

@Injectable()
export class SecretWritesRepository {
  /** Each path once. Needs a transaction. What preconditions forbid is left out. Throws `DamagedNumbering`. */
  async takeVersions(executor: Executor, demands: readonly VersionDemand[]): Promise<TakenVersions[]> {
    const sorted = [...demands].sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
    const columns = [
      sorted.map(({ id }) => id ?? uuidv7()),
      sorted.map((demand) => demand.orgId),
      sorted.map((demand) => demand.vaultId),
      sorted.map((demand) => demand.path),
      sorted.map((demand) => demand.amount),
    ];
    try {
      if (!sorted.some((demand) => isConditional(demand.preconditions)))
        return await query<TakenVersions>(executor, TAKE_VERSIONS, columns, { prepare: 'secret-take-versions' });
      const conditions = [
        sorted.map((demand) => setText(demand.preconditions?.ifMatch)),
        sorted.map((demand) => setText(demand.preconditions?.ifNoneMatch)),
      ];
      return await query<TakenVersions>(executor, TAKE_VERSIONS_IF, [...columns, ...conditions]);
    } catch (error) {
      throw isOutOfRange(error) ? new DamagedNumbering(error) : error;
    }
  }

  /** Throws `KekReplaced` or `DamagedNumbering`; the transaction can only be rolled back then. */
  async insertVersions(executor: Executor, versions: readonly NewVersion[]): Promise<void> {
    const columns = [
      versions.map((each) => each.secretId),
      versions.map((each) => each.version),
      versions.map((each) => each.type),
      versions.map((each) => each.kekId),
      versions.map((each) => each.wrappedDek),
      ...packed(versions.map((each) => each.sealedValue)),
      versions.map((each) => each.metadataJson),
      versions.map((each) => each.rotationPolicyJson),
      versions.map((each) => each.createdBy),
      versions.map((each) => each.createdAt),
      versions.map((each) => each.expiresAt),
      versions.map((each) => each.maxAccessCount),
      versions.map((each) => each.cmekFingerprint),
    ];
    try {
      await execute(executor, INSERT_VERSIONS, columns, { prepare: 'secret-insert-versions' });
    } catch (error) {
      if (isForeignKeyViolation(error, 'secret_versions_kek_fkey')) throw new KekReplaced();
      throw isUniqueViolation(error, 'secret_versions_pkey') ? new DamagedNumbering(error) : error;
    }
  }

  /** Marks all versions deleted; undefined where no live secret has this path, or not at a version that preconditions allow. */
  async delete(executor: Executor, orgId: string, vaultId: string, path: string, preconditions?: Preconditions) {
    const conditions = [setText(preconditions?.ifMatch), setText(preconditions?.ifNoneMatch)];
    const values = [orgId, vaultId, path, ...conditions];
    const [deleted] = await query<{ id: string; version: number }>(executor, DELETE, values);
    return deleted;
  }

  /** Undoes the last deletion; undefined where no deleted secret has this path. */
  async restore(executor: Executor, orgId: string, vaultId: string, path: string): Promise<SecretMetadata | undefined> {
    const [restored] = await query<SecretMetadata>(executor, RESTORE, [orgId, vaultId, path]);
    return restored;
  }

  /** Undefined where the path was never written. */
  async state(
    executor: Executor,
    orgId: string,
    vaultId: string,
    path: string,
  ): Promise<{ live: boolean } | undefined> {
    const [found] = await query<{ live: boolean }>(executor, STATE, [orgId, vaultId, path]);
    return found;
  }
}

/** The order in which rows of paths are locked, everywhere. */
export function orderOf({ vaultId, path }: Pick<VersionDemand, 'vaultId' | 'path'>): string {
  return `${vaultId}/${path}`;
}
