import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import type { NewKek, VaultKek } from '../vaults/vault.entity.js';
import { VaultKeksRepository } from '../vaults/vault-keks.repository.js';
import type { KekRotation, RotationWork } from './kek-rotation.entity.js';

const COLUMNS = `
  id, vault_id AS "vaultId", status, total_versions AS "totalVersions", rewrapped, damaged, created_at AS "createdAt",
  completed_at AS "completedAt"`;

const FIND_LATEST = `
  SELECT ${COLUMNS} FROM kek_rotations WHERE org_id = $1 AND vault_id = $2 ORDER BY created_at DESC, id DESC LIMIT 1`;

/** Against other rotations of the vault and its deletion; writers are not held up. */
const LOCK_VAULT = 'SELECT 1 FROM vaults WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL FOR NO KEY UPDATE';

const RETIRE_CURRENT = 'UPDATE vault_keks SET is_current = false WHERE vault_id = $1 AND is_current';

const INSERT = `
  INSERT INTO kek_rotations (id, org_id, vault_id, total_versions)
  SELECT $1, $2, $3, count(*) FROM secret_versions sv JOIN vault_keks k ON k.id = sv.kek_id
  WHERE k.vault_id = $3 AND NOT k.is_current
  RETURNING ${COLUMNS}`;

/** Whoever has the row works on it alone, and lets go of it with the transaction, or the connection. */
const CLAIM = `
  SELECT r.id, r.org_id AS "orgId", r.vault_id AS "vaultId", k.id AS "kekId", k.wrapped, r.rewrapped, r.damaged,
    r.walked_path AS "walkedPath", r.walked_version AS "walkedVersion"
  FROM kek_rotations r JOIN vaults v ON v.id = r.vault_id JOIN vault_keks k ON k.vault_id = r.vault_id
  WHERE r.status = 'running' AND v.deleted_at IS NULL AND k.is_current
  ORDER BY r.advanced_at LIMIT 1 FOR NO KEY UPDATE OF r SKIP LOCKED`;

const RETIRED = 'SELECT id AS "kekId", wrapped FROM vault_keks WHERE vault_id = $1 AND NOT is_current';

const ADVANCE = `
  UPDATE kek_rotations SET rewrapped = rewrapped + $2, damaged = damaged + $3, walked_path = $4, walked_version = $5,
    total_versions = greatest(total_versions, rewrapped + $2), advanced_at = clock_timestamp() WHERE id = $1`;

const WALK_AGAIN = `
  UPDATE kek_rotations SET walked_path = '', walked_version = 0, damaged = 0, advanced_at = clock_timestamp()
  WHERE id = $1 AND status = 'running'`;

const COUNT_LEFT = `
  SELECT count(*) AS "count" FROM secret_versions sv JOIN vault_keks k ON k.id = sv.kek_id
  WHERE k.vault_id = $1 AND NOT k.is_current`;

/** Waits for writes under way under these KEKs; the foreign key refuses it where one of them is committed. */
const DELETE_EMPTY = `
  DELETE FROM vault_keks k WHERE k.vault_id = $1 AND NOT k.is_current
    AND NOT EXISTS (SELECT 1 FROM secret_versions sv WHERE sv.kek_id = k.id)`;

const COMPLETE = `
  UPDATE kek_rotations SET status = CASE WHEN damaged = 0 THEN 'completed' ELSE 'failed' END, completed_at = now()
  WHERE id = $1 RETURNING ${COLUMNS}`;

@Injectable()
export class KekRotationsRepository {
  constructor(private readonly keks: VaultKeksRepository) {}

  async findLatest(executor: Executor, orgId: string, vaultId: string): Promise<KekRotation | undefined> {
    const [rotation] = await query<KekRotation>(executor, FIND_LATEST, [orgId, vaultId]);
    return rotation;
  }

  /** Nobody else starts a rotation of the vault, or deletes it, until the end of the transaction. False where it is gone. */
  async lockVault(executor: Executor, orgId: string, vaultId: string): Promise<boolean> {
    return (await execute(executor, LOCK_VAULT, [orgId, vaultId])) === 1;
  }

  /** Makes the KEK the vault's current one. The vault is locked, and has no running rotation. */
  async start(executor: Executor, id: string, orgId: string, vaultId: string, kek: NewKek): Promise<KekRotation> {
    await execute(executor, RETIRE_CURRENT, [vaultId]);
    await this.keks.insert(executor, vaultId, kek);
    const [rotation] = await query<KekRotation>(executor, INSERT, [id, orgId, vaultId]);
    return rotation as KekRotation;
  }

  /** A running rotation that nobody works on; it is the caller's until the end of the transaction. */
  async claim(executor: Executor): Promise<RotationWork | undefined> {
    const [row] = await query<Omit<RotationWork, 'to'> & VaultKek>(executor, CLAIM);
    if (!row) return undefined;
    const { kekId, wrapped, ...work } = row;
    return { ...work, to: { kekId, wrapped } };
  }

  /** The vault's KEKs but the current one. */
  async retired(executor: Executor, vaultId: string): Promise<VaultKek[]> {
    return await query<VaultKek>(executor, RETIRED, [vaultId]);
  }

  async advance(
    executor: Executor,
    { id }: RotationWork,
    done: Pick<RotationWork, 'rewrapped' | 'damaged' | 'walkedPath' | 'walkedVersion'>,
  ): Promise<void> {
    const { rewrapped, damaged, walkedPath, walkedVersion } = done;
    await execute(executor, ADVANCE, [id, rewrapped, damaged, walkedPath, walkedVersion]);
  }

  /** From the beginning; what is under the new KEK by now is passed over. */
  async walkAgain(executor: Executor, { id }: Pick<RotationWork, 'id'>): Promise<void> {
    await execute(executor, WALK_AGAIN, [id]);
  }

  /** Versions that are not under the current KEK. */
  async countLeft(executor: Executor, vaultId: string): Promise<number> {
    const [row] = await query<{ count: number }>(executor, COUNT_LEFT, [vaultId]);
    return row!.count;
  }

  /** Deletes the KEKs that no version is under. Throws the violation of a foreign key where one has come under them just now. */
  async deleteEmpty(executor: Executor, vaultId: string): Promise<void> {
    await execute(executor, DELETE_EMPTY, [vaultId]);
  }

  async complete(executor: Executor, { id }: RotationWork): Promise<KekRotation> {
    const [rotation] = await query<KekRotation>(executor, COMPLETE, [id]);
    return rotation as KekRotation;
  }
}
