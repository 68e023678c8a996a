import { z } from 'zod';
import { clearable, optional, text } from '../api/fields.js';
import { instant, looseAnswer, requestBody } from '../openapi/schemas.js';

const chainId = z.int().min(1).max(Number.MAX_SAFE_INTEGER).meta({ description: 'EIP-155.' });
const url = text(2048).meta({ description: '`null` clears it.' });
const RPC_PUBLIC =
  'Whether anybody may see `rpc_url` and `ws_url`, which may hold the key of whoever provides the node.';

const fields = {
  rpc_url: clearable(url),
  ws_url: clearable(url),
  explorer_url: clearable(url),
  native_currency: optional(text(16)),
  is_testnet: optional(z.boolean()),
  is_enabled: optional(z.boolean()),
  is_rpc_public: optional(z.boolean()).meta({ description: RPC_PUBLIC }),
};

export const createChainRequest = requestBody('CreateChainRequest', {
  name: text(64).meta({ description: 'Of a-z, 0-9 and `-`, beginning with a letter.', examples: ['arbitrum-one'] }),
  display_name: text(128),
  chain_id: chainId,
  ...fields,
});

export const updateChainRequest = requestBody('UpdateChainRequest', { display_name: optional(text(128)), ...fields });

export const chainResponse = looseAnswer('ChainResponse', {
  id: z.uuid(),
  name: z.string(),
  display_name: z.string(),
  chain_id: chainId,
  rpc_url: z.string().optional(),
  ws_url: z.string().optional(),
  explorer_url: z.string().optional(),
  native_currency: z.string(),
  is_testnet: z.boolean(),
  is_enabled: z.boolean(),
  is_rpc_public: z.boolean().meta({ description: RPC_PUBLIC }),
  created_at: instant(),
  updated_at: instant(),
});

export const chainListResponse = looseAnswer('ChainListResponse', { chains: z.array(chainResponse) });

export type ChainResponse = z.output<typeof chainResponse>;
export type ChainFields = z.output<typeof updateChainRequest>;
