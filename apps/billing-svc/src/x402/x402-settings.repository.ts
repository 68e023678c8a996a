import { Injectable } from '@nestjs/common';
import { query, type Executor } from '@oneclaw/database';
import type { X402Settings } from './x402-settings.js';

/** Column to property. */
const COLUMNS = {
  pay_to: 'payTo',
  network: 'network',
  scheme: 'scheme',
  free_tier_limit: 'freeTierLimit',
  facilitator_url: 'facilitatorUrl',
  asset: 'asset',
} as const;

const SELECTED = Object.entries(COLUMNS)
  .map(([column, property]) => `${column} AS "${property}"`)
  .join(', ');

/** The one row of them. */
@Injectable()
export class X402SettingsRepository {
  async find(executor: Executor): Promise<X402Settings> {
    const [settings] = await query<X402Settings>(executor, `SELECT ${SELECTED} FROM x402_settings`);
    return settings as X402Settings;
  }

  async update(executor: Executor, change: Partial<X402Settings>): Promise<X402Settings> {
    const changed = Object.entries(COLUMNS).filter(([, property]) => change[property] !== undefined);
    if (changed.length === 0) return this.find(executor);
    const assignments = changed.map(([column], index) => `${column} = $${index + 1}`).join(', ');
    const text = `UPDATE x402_settings SET ${assignments} RETURNING ${SELECTED}`;
    const [settings] = await query<X402Settings>(
      executor,
      text,
      changed.map(([, property]) => change[property]),
    );
    return settings as X402Settings;
  }
}
