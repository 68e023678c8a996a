import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import type { Setting } from './setting.entity.js';

const COLUMNS = 'key, value, updated_by AS "updatedBy", updated_at AS "updatedAt"';

const PUT = `
  INSERT INTO platform_settings (key, value, updated_by) VALUES ($1, $2, $3)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_by = excluded.updated_by, updated_at = now()
  RETURNING ${COLUMNS}`;

/** Settings of the installation; they belong to no org. */
@Injectable()
export class SettingsRepository {
  async list(executor: Executor): Promise<Setting[]> {
    return query<Setting>(executor, `SELECT ${COLUMNS} FROM platform_settings ORDER BY key`);
  }

  async put(executor: Executor, key: string, value: string, updatedBy: string): Promise<Setting> {
    const [setting] = await query<Setting>(executor, PUT, [key, value, updatedBy]);
    return setting as Setting;
  }

  /** False where there is none. */
  async delete(executor: Executor, key: string): Promise<boolean> {
    return (await execute(executor, 'DELETE FROM platform_settings WHERE key = $1', [key])) === 1;
  }

  /** Values by key, of those that are set. */
  async find(executor: Executor, keys: readonly string[]): Promise<Map<string, string>> {
    const text = 'SELECT key, value FROM platform_settings WHERE key = ANY($1::text[])';
    const rows = await query<Setting>(executor, text, [keys], { prepare: 'find-settings' });
    return new Map(rows.map(({ key, value }) => [key, value]));
  }
}
