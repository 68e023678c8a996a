import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';

/** Name, display name, chain id, native currency, explorer. No nodes: whom transactions are shown to, an operator decides. */
const MAINNETS: [string, string, number, string, string][] = [
  ['ethereum', 'Ethereum', 1, 'ETH', 'https://etherscan.io'],
  ['optimism', 'OP Mainnet', 10, 'ETH', 'https://optimistic.etherscan.io'],
  ['cronos', 'Cronos', 25, 'CRO', 'https://explorer.cronos.org'],
  ['bnb', 'BNB Smart Chain', 56, 'BNB', 'https://bscscan.com'],
  ['gnosis', 'Gnosis', 100, 'xDAI', 'https://gnosisscan.io'],
  ['polygon', 'Polygon', 137, 'POL', 'https://polygonscan.com'],
  ['sonic', 'Sonic', 146, 'S', 'https://sonicscan.org'],
  ['fantom', 'Fantom', 250, 'FTM', 'https://explorer.fantom.network'],
  ['zksync', 'ZKsync Era', 324, 'ETH', 'https://explorer.zksync.io'],
  ['world-chain', 'World Chain', 480, 'ETH', 'https://worldscan.org'],
  ['metis', 'Metis', 1088, 'METIS', 'https://explorer.metis.io'],
  ['polygon-zkevm', 'Polygon zkEVM', 1101, 'ETH', 'https://zkevm.polygonscan.com'],
  ['moonbeam', 'Moonbeam', 1284, 'GLMR', 'https://moonscan.io'],
  ['sei', 'Sei', 1329, 'SEI', 'https://seitrace.com'],
  ['mantle', 'Mantle', 5000, 'MNT', 'https://mantlescan.xyz'],
  ['kaia', 'Kaia', 8217, 'KAIA', 'https://kaiascan.io'],
  ['base', 'Base', 8453, 'ETH', 'https://basescan.org'],
  ['mode', 'Mode', 34443, 'ETH', 'https://explorer.mode.network'],
  ['arbitrum-one', 'Arbitrum One', 42161, 'ETH', 'https://arbiscan.io'],
  ['arbitrum-nova', 'Arbitrum Nova', 42170, 'ETH', 'https://nova.arbiscan.io'],
  ['celo', 'Celo', 42220, 'CELO', 'https://celoscan.io'],
  ['avalanche', 'Avalanche C-Chain', 43114, 'AVAX', 'https://snowtrace.io'],
  ['linea', 'Linea', 59144, 'ETH', 'https://lineascan.build'],
  ['berachain', 'Berachain', 80094, 'BERA', 'https://berascan.com'],
  ['blast', 'Blast', 81457, 'ETH', 'https://blastscan.io'],
  ['taiko', 'Taiko', 167000, 'ETH', 'https://taikoscan.io'],
  ['scroll', 'Scroll', 534352, 'ETH', 'https://scrollscan.com'],
  ['zora', 'Zora', 7777777, 'ETH', 'https://explorer.zora.energy'],
];

const TESTNETS: typeof MAINNETS = [
  ['sepolia', 'Sepolia', 11155111, 'ETH', 'https://sepolia.etherscan.io'],
  ['base-sepolia', 'Base Sepolia', 84532, 'ETH', 'https://sepolia.basescan.org'],
];

export class Chains1795392000604 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE chains (
        id uuid PRIMARY KEY,
        name text NOT NULL CONSTRAINT chains_name_key UNIQUE,
        display_name text NOT NULL,
        -- EIP-155.
        chain_id bigint NOT NULL CONSTRAINT chains_chain_id_key UNIQUE CHECK (chain_id > 0),
        -- May hold the key of whoever provides the node.
        rpc_url text,
        ws_url text,
        -- Whether anybody may see these two.
        is_rpc_public boolean NOT NULL DEFAULT false,
        explorer_url text,
        native_currency text NOT NULL DEFAULT 'ETH',
        is_testnet boolean NOT NULL DEFAULT false,
        is_enabled boolean NOT NULL DEFAULT true,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    for (const [chains, isTestnet] of [[MAINNETS, false] as const, [TESTNETS, true] as const]) {
      for (const [name, displayName, chainId, currency, explorer] of chains) {
        await runner.query(
          `INSERT INTO chains (id, name, display_name, chain_id, native_currency, explorer_url, is_testnet)
           VALUES ($1, $2, $3, $4, $5, $6, $7)`,
          [uuidv7(), name, displayName, chainId, currency, explorer, isTestnet],
        );
      }
    }
    await grantToApp(runner, { chains: 'SELECT, INSERT, UPDATE, DELETE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE chains');
  }
}
