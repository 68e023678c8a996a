import { Injectable } from '@nestjs/common';
import { RootKeysRepository, execute, isForeignKeyViolation, query, type Executor } from '@oneclaw/database';
import { unavailable } from '@oneclaw/errors';
import type { NewKek, VaultKek, WriteKeys } from './vault.entity.js';
import type { VaultRef } from './vaults.repository.js';

/**
 * FOR KEY SHARE keeps the rows from being swept away, and lets policies change and the vault be deleted meanwhile: a version
 * written just then is unreadable like the others, and swept with them. Nor does it keep a rotation from going on: should the KEK be
 * gone by the time a version under it is inserted, the foreign key refuses it.
 */
const LOCK = `
  SELECT v.id, k.id AS "kekId", k.wrapped, v.cmek_write_fingerprint AS "cmekFingerprint",
    v.cmek_write_fingerprint IS DISTINCT FROM v.cmek_fingerprint AS "cmekUncertain"
  FROM unnest($1::uuid[], $2::uuid[]) AS ref (org_id, id) JOIN vaults v ON v.org_id = ref.org_id AND v.id = ref.id
  CROSS JOIN LATERAL (SELECT id, wrapped FROM vault_keks WHERE vault_id = v.id AND is_current LIMIT 1) k
  WHERE v.deleted_at IS NULL AND k.wrapped IS NOT NULL ORDER BY v.id FOR KEY SHARE OF v`;

const FIND_CURRENT = `
  SELECT k.id AS "kekId", k.wrapped FROM vaults v JOIN vault_keks k ON k.vault_id = v.id AND k.is_current
  WHERE v.org_id = $1 AND v.id = $2 AND v.deleted_at IS NULL`;

const INSERT = 'INSERT INTO vault_keks (id, vault_id, wrapped, root_generation) VALUES ($1, $2, $3, $4)';

@Injectable()
export class VaultKeksRepository {
  constructor(private readonly rootKeys: RootKeysRepository) {}

  /** As the current one of a vault that has none. Throws `unavailable` where its root key has been retired since it was made. */
  async insert(executor: Executor, vaultId: string, { kekId, wrapped, rootGeneration }: NewKek): Promise<void> {
    await this.rootKeys.admit(executor, rootGeneration);
    try {
      await execute(executor, INSERT, [kekId, vaultId, wrapped, rootGeneration]);
    } catch (error) {
      if (!isForeignKeyViolation(error, 'vault_keks_root_generation_fkey')) throw error;
      throw unavailable('The root key of the HSM was replaced just now. Try again.', error);
    }
  }

  /** The keys to write under, by vault id. Needs a transaction. */
  async lock(executor: Executor, vaults: readonly VaultRef[]): Promise<Map<string, WriteKeys>> {
    const columns = [vaults.map((vault) => vault.orgId), vaults.map((vault) => vault.id)];
    const rows = await query<WriteKeys & { id: string }>(executor, LOCK, columns, { prepare: 'vault-keks' });
    return new Map(rows.map(({ id, ...keys }) => [id, keys]));
  }

  /** A vault's current KEK, for what need not last; undefined where there is no such live vault. */
  async findCurrent(executor: Executor, { orgId, id }: VaultRef): Promise<VaultKek | undefined> {
    const [kek] = await query<VaultKek>(executor, FIND_CURRENT, [orgId, id]);
    return kek;
  }
}
