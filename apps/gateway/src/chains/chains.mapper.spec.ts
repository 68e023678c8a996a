import { describe, expect, it } from '@jest/globals';
import { Chain } from '@oneclaw/contracts/vault';
import { toChainChange, toChainResponse } from './chains.mapper.js';

const TIME = new Date('2026-03-01T12:30:00Z');

describe('a chain', () => {
  it('is told with its fields, and without those that are not there', () => {
    const chain = Chain.fromPartial({
      id: 'c',
      name: 'base',
      displayName: 'Base',
      chainId: 8453,
      explorerUrl: 'https://basescan.org',
      nativeCurrency: 'ETH',
      isEnabled: true,
      createdAt: TIME,
      updatedAt: TIME,
    });
    expect(toChainResponse(chain)).toEqual({
      id: 'c',
      name: 'base',
      display_name: 'Base',
      chain_id: 8453,
      explorer_url: 'https://basescan.org',
      native_currency: 'ETH',
      is_testnet: false,
      is_enabled: true,
      is_rpc_public: false,
      created_at: '2026-03-01T12:30:00.000Z',
      updated_at: '2026-03-01T12:30:00.000Z',
    });
    expect(() => toChainResponse(undefined)).toThrow('without the chain');
  });

  it('changes as told: null clears, what is left out stays', () => {
    expect(toChainChange({ rpc_url: null, ws_url: 'wss://node.example', is_enabled: false })).toMatchObject({
      rpcUrl: '',
      wsUrl: 'wss://node.example',
      explorerUrl: undefined,
      isEnabled: false,
      displayName: undefined,
    });
  });
});
