import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import type { CmekRotation, CmekRotationWork } from './cmek-rotation.entity.js';

/** A runner that is alive is heard of every few seconds. */
const SILENCE = `interval '30 seconds'`;

const COLUMNS = `
  id, vault_id AS "vaultId", old_fingerprint AS "oldFingerprint", new_fingerprint AS "newFingerprint", status,
  total_versions AS "totalVersions", processed, error, created_at AS "createdAt", started_at AS "startedAt",
  completed_at AS "completedAt",
  status = 'running' AND (heard_at IS NULL OR heard_at < clock_timestamp() - ${SILENCE}) AS abandoned`;

const FIND = `SELECT ${COLUMNS} FROM cmek_rotations WHERE org_id = $1 AND vault_id = $2 AND id = $3`;

const FIND_LATEST = `
  SELECT ${COLUMNS} FROM cmek_rotations WHERE vault_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1`;

const INSERT = `
  INSERT INTO cmek_rotations (id, org_id, vault_id, old_fingerprint, new_fingerprint, runner, total_versions)
  SELECT $1, $2, $3, $4, $5, $6, count(*)
  FROM secrets s JOIN secret_versions sv ON sv.secret_id = s.id WHERE s.vault_id = $3 AND sv.cmek_fingerprint = $4
  RETURNING ${COLUMNS}`;

/** One that was interrupted goes on where it was; one that failed walks again, for what could not be read. */
const TAKE_OVER = `
  UPDATE cmek_rotations SET runner = $2, heard_at = clock_timestamp(), status = 'running', error = NULL, completed_at = NULL,
    walked = CASE WHEN status = 'running' THEN walked ELSE false END,
    walked_path = CASE WHEN status = 'running' THEN walked_path ELSE '' END,
    walked_version = CASE WHEN status = 'running' THEN walked_version ELSE 0 END
  WHERE id = (SELECT id FROM cmek_rotations WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED) RETURNING ${COLUMNS}`;

const CLAIM = `
  SELECT r.id, r.org_id AS "orgId", r.vault_id AS "vaultId", r.old_fingerprint AS "oldFingerprint",
    r.new_fingerprint AS "newFingerprint", r.walked, r.walked_path AS "walkedPath", r.walked_version AS "walkedVersion"
  FROM cmek_rotations r JOIN vaults v ON v.id = r.vault_id
  WHERE r.id = $1 AND r.runner = $2 AND r.status = 'running' AND v.deleted_at IS NULL FOR NO KEY UPDATE OF r`;

const IS_WALKED = `SELECT walked FROM cmek_rotations WHERE id = $1 AND runner = $2 AND status = 'running'`;

const ADVANCE = `
  UPDATE cmek_rotations SET processed = processed + $2, total_versions = greatest(total_versions, processed + $2),
    walked = $3, walked_path = $4, walked_version = $5, heard_at = clock_timestamp() WHERE id = $1`;

const BEAT = `
  UPDATE cmek_rotations SET heard_at = CASE WHEN $3 THEN clock_timestamp() END WHERE id = $1 AND runner = $2 AND status = 'running'`;

const END = `
  UPDATE cmek_rotations SET status = CASE WHEN $2::text IS NULL THEN 'completed' ELSE 'failed' END, error = $2,
    completed_at = clock_timestamp() WHERE id = $1 RETURNING ${COLUMNS}`;

export interface NewCmekRotation {
  id: string;
  orgId: string;
  vaultId: string;
  oldFingerprint: string;
  newFingerprint: string;
  runner: string;
}

@Injectable()
export class CmekRotationsRepository {
  async find(executor: Executor, orgId: string, vaultId: string, id: string): Promise<CmekRotation | undefined> {
    const [rotation] = await query<CmekRotation>(executor, FIND, [orgId, vaultId, id]);
    return rotation;
  }

  /** Of a vault that the caller has found in its org. */
  async findLatest(executor: Executor, vaultId: string): Promise<CmekRotation | undefined> {
    const [rotation] = await query<CmekRotation>(executor, FIND_LATEST, [vaultId]);
    return rotation;
  }

  /** Counts what is under the old key. */
  async insert(executor: Executor, rotation: NewCmekRotation): Promise<CmekRotation> {
    const { id, orgId, vaultId, oldFingerprint, newFingerprint, runner } = rotation;
    const values = [id, orgId, vaultId, oldFingerprint, newFingerprint, runner];
    const [inserted] = await query<CmekRotation>(executor, INSERT, values);
    return inserted as CmekRotation;
  }

  /** Whoever was at it before finds that it is over. Undefined where somebody is in the midst of a step: they go on with it. */
  async takeOver(executor: Executor, id: string, runner: string): Promise<CmekRotation | undefined> {
    const [rotation] = await query<CmekRotation>(executor, TAKE_OVER, [id, runner]);
    return rotation;
  }

  /** The runner's until the end of the transaction; undefined where it is not, or no longer. */
  async claim(executor: Executor, id: string, runner: string): Promise<CmekRotationWork | undefined> {
    const [work] = await query<CmekRotationWork>(executor, CLAIM, [id, runner]);
    return work;
  }

  /** False also where the rotation is not the runner's. */
  async isWalked(executor: Executor, id: string, runner: string): Promise<boolean> {
    const [row] = await query<{ walked: boolean }>(executor, IS_WALKED, [id, runner]);
    return row?.walked ?? false;
  }

  async advance(executor: Executor, work: CmekRotationWork, processed: number): Promise<void> {
    const { id, walked, walkedPath, walkedVersion } = work;
    await execute(executor, ADVANCE, [id, processed, walked, walkedPath, walkedVersion]);
  }

  /** Says that the runner is there still, or that it stops. */
  async beat(executor: Executor, id: string, runner: string, alive: boolean): Promise<void> {
    await execute(executor, BEAT, [id, runner, alive]);
  }

  /** Completed, or failed for a reason. */
  async end(executor: Executor, id: string, error: string | null): Promise<CmekRotation> {
    const [rotation] = await query<CmekRotation>(executor, END, [id, error]);
    return rotation as CmekRotation;
  }
}
