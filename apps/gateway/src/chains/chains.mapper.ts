import type { Chain, ChainChange } from '@oneclaw/contracts/vault';
import { instantOf, present } from '../api/wire.js';
import type { ChainFields, ChainResponse } from './chains.schemas.js';

export function toChainResponse(found: Chain | undefined): ChainResponse {
  const chain = present(found, 'the chain');
  return {
    id: chain.id,
    name: chain.name,
    display_name: chain.displayName,
    chain_id: chain.chainId,
    rpc_url: chain.rpcUrl,
    ws_url: chain.wsUrl,
    explorer_url: chain.explorerUrl,
    native_currency: chain.nativeCurrency,
    is_testnet: chain.isTestnet,
    is_enabled: chain.isEnabled,
    is_rpc_public: chain.isRpcPublic,
    created_at: instantOf(chain.createdAt),
    updated_at: instantOf(chain.updatedAt),
  };
}

/** `null` becomes empty, which clears; what is absent stays. */
export function toChainChange(fields: Partial<ChainFields>): ChainChange {
  return {
    displayName: fields.display_name,
    rpcUrl: orEmpty(fields.rpc_url),
    wsUrl: orEmpty(fields.ws_url),
    explorerUrl: orEmpty(fields.explorer_url),
    nativeCurrency: fields.native_currency,
    isTestnet: fields.is_testnet,
    isEnabled: fields.is_enabled,
    isRpcPublic: fields.is_rpc_public,
  };
}

function orEmpty(value: string | null | undefined): string | undefined {
  return value === null ? '' : value;
}
