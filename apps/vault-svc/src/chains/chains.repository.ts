import { Injectable } from '@nestjs/common';
import { query, type Executor } from '@oneclaw/database';
import type { Chain, ChainChange, NewChain } from './chain.entity.js';

/** Column to property. */
const CHANGEABLE = {
  display_name: 'displayName',
  rpc_url: 'rpcUrl',
  ws_url: 'wsUrl',
  is_rpc_public: 'isRpcPublic',
  explorer_url: 'explorerUrl',
  native_currency: 'nativeCurrency',
  is_testnet: 'isTestnet',
  is_enabled: 'isEnabled',
} as const;

const WRITTEN = { id: 'id', name: 'name', chain_id: 'chainId', ...CHANGEABLE } as const;

const COLUMNS = Object.entries({ ...WRITTEN, created_at: 'createdAt', updated_at: 'updatedAt' })
  .map(([column, property]) => `${column} AS "${property}"`)
  .join(', ');

const INSERT = `
  INSERT INTO chains (${Object.keys(WRITTEN).join(', ')})
  VALUES (${Object.keys(WRITTEN)
    .map((_, index) => `$${index + 1}`)
    .join(', ')})
  RETURNING ${COLUMNS}`;

/** An id, a chain id or a name; no name is one of the others. */
const IDENTIFIED = '(id::text = $1 OR chain_id::text = $1 OR name = $1)';

/** The chains of the installation; they belong to no org. */
@Injectable()
export class ChainsRepository {
  async list(executor: Executor): Promise<Chain[]> {
    return query<Chain>(executor, `SELECT ${COLUMNS} FROM chains ORDER BY chain_id`);
  }

  /** Violates chains_name_key or chains_chain_id_key. */
  async insert(executor: Executor, chain: NewChain): Promise<Chain> {
    const values = Object.values(WRITTEN).map((property) => chain[property]);
    const [inserted] = await query<Chain>(executor, INSERT, values);
    return inserted as Chain;
  }

  /** `undefined` where there is none. */
  async update(executor: Executor, identifier: string, change: ChainChange): Promise<Chain | undefined> {
    const changed = Object.entries(CHANGEABLE).filter(([, property]) => change[property] !== undefined);
    const assignments = changed.map(([column], index) => `${column} = $${index + 2}, `).join('');
    const values = changed.map(([, property]) => change[property]);
    const text = `UPDATE chains SET ${assignments} updated_at = now() WHERE ${IDENTIFIED} RETURNING ${COLUMNS}`;
    const [updated] = await query<Chain>(executor, text, [identifier, ...values]);
    return updated;
  }

  async delete(executor: Executor, identifier: string): Promise<Pick<Chain, 'id' | 'name' | 'chainId'> | undefined> {
    const text = `DELETE FROM chains WHERE ${IDENTIFIED} RETURNING id, name, chain_id AS "chainId"`;
    const [deleted] = await query<Pick<Chain, 'id' | 'name' | 'chainId'>>(executor, text, [identifier]);
    return deleted;
  }
}
