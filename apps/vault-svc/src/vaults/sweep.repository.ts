import { Injectable } from '@nestjs/common';
import { execute, query, transaction } from '@oneclaw/database';
import { DataSource, type EntityManager } from 'typeorm';

/** A vault that a writer found alive is still locked by it (FOR KEY SHARE) and left for the next round. */
const LOCK_ONE = `
  SELECT id FROM vaults WHERE deleted_at IS NOT NULL ORDER BY deleted_at LIMIT 1 FOR UPDATE SKIP LOCKED`;

const SOME_SECRETS = 'SELECT id FROM secrets WHERE vault_id = $1 LIMIT $2';

const DELETE_VERSIONS = `
  DELETE FROM secret_versions WHERE (secret_id, version) IN (
    SELECT secret_id, version FROM secret_versions WHERE secret_id = ANY ($1::uuid[]) LIMIT $2)`;

const SECRETS_PER_STEP = 500;
const VERSIONS_PER_STEP = 2000;

@Injectable()
export class SweepRepository {
  /** Removes a bounded part of one deleted vault, at the end the vault itself. False where there is nothing left to do. */
  async step(database: DataSource): Promise<boolean> {
    return await transaction(database, async (manager) => {
      const [vault] = await query<{ id: string }>(manager, LOCK_ONE);
      if (!vault) return false;
      const secrets = await query<{ id: string }>(manager, SOME_SECRETS, [vault.id, SECRETS_PER_STEP]);
      if (secrets.length === 0) await execute(manager, 'DELETE FROM vaults WHERE id = $1', [vault.id]);
      else
        await this.deleteSome(
          manager,
          secrets.map(({ id }) => id),
        );
      return true;
    });
  }

  private async deleteSome(manager: EntityManager, secretIds: string[]): Promise<void> {
    const versions = await execute(manager, DELETE_VERSIONS, [secretIds, VERSIONS_PER_STEP]);
    if (versions === VERSIONS_PER_STEP) return;
    await execute(manager, 'DELETE FROM secrets WHERE id = ANY ($1::uuid[])', [secretIds]);
  }
}
