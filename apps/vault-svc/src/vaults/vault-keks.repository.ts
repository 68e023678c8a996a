import { Injectable } from '@nestjs/common';
import { query, type Executor } from '@oneclaw/database';
import type { VaultKek } from './vault.entity.js';
import type { VaultRef } from './vaults.repository.js';

/**
 * FOR KEY SHARE keeps the rows from being swept away, and lets policies change and the vault be deleted meanwhile: a version
 * written just then is unreadable like the others, and swept with them. Nor does it keep a rotation from going on: should the KEK be
 * gone by the time a version under it is inserted, the foreign key refuses it.
 */
const LOCK = `
  SELECT v.id, k.id AS "kekId", k.wrapped
  FROM unnest($1::uuid[], $2::uuid[]) AS ref (org_id, id) JOIN vaults v ON v.org_id = ref.org_id AND v.id = ref.id
  CROSS JOIN LATERAL (SELECT id, wrapped FROM vault_keks WHERE vault_id = v.id AND is_current LIMIT 1) k
  WHERE v.deleted_at IS NULL AND k.wrapped IS NOT NULL ORDER BY v.id FOR KEY SHARE OF v`;

@Injectable()
export class VaultKeksRepository {
  /** The KEKs to seal under, by vault id. Needs a transaction. */
  async lock(executor: Executor, vaults: readonly VaultRef[]): Promise<Map<string, VaultKek>> {
    const columns = [vaults.map((vault) => vault.orgId), vaults.map((vault) => vault.id)];
    const rows = await query<VaultKek & { id: string }>(executor, LOCK, columns, { prepare: 'vault-keks' });
    return new Map(rows.map(({ id, kekId, wrapped }) => [id, { kekId, wrapped }]));
  }
}
