import { describe, expect, it } from '@jest/globals';
import { type ChainChange, CreateChainRequest } from '@oneclaw/contracts/vault';
import { parseChange, parseNewChain } from './chain-input.js';

const parse = (request: Parameters<typeof CreateChainRequest.fromPartial>[0] = {}) =>
  parseNewChain(
    CreateChainRequest.fromPartial({
      name: 'local',
      chainId: 31337,
      ...request,
      fields: { displayName: 'Local', ...request.fields },
    }),
  );

function fieldsOf(act: () => unknown): Record<string, string> {
  try {
    act();
  } catch (error) {
    return (error as { fields: Record<string, string> }).fields;
  }
  throw new Error('it was accepted');
}

describe('a new chain', () => {
  it('has defaults for all but its name, its id and what it is called', () => {
    expect(parse()).toEqual({
      name: 'local',
      chainId: 31337,
      displayName: 'Local',
      rpcUrl: null,
      wsUrl: null,
      isRpcPublic: false,
      explorerUrl: null,
      nativeCurrency: 'ETH',
      isTestnet: false,
      isEnabled: true,
    });
  });

  it('is as it is asked for', () => {
    const fields = {
      displayName: ' Local ',
      rpcUrl: 'http://user:pass@127.0.0.1:8545/v3/key?x=1',
      wsUrl: 'wss://node.example/ws',
      explorerUrl: 'https://explorer.example',
      nativeCurrency: 'xDAI',
      isTestnet: true,
      isEnabled: false,
      isRpcPublic: true,
    };
    expect(parse({ fields })).toMatchObject({ ...fields, displayName: 'Local' });
  });

  it.each(['', '1', '31337', 'Local', '-a', 'a b', 'a/b', 'a'.repeat(65), 'abcdef01-2345-4678-9abc-def012345678'])(
    'is not called %j',
    (name) => {
      expect(fieldsOf(() => parse({ name }))).toHaveProperty('name');
    },
  );

  it.each([0, -1, 1.5, 2 ** 53])('does not have the id %s', (chainId) => {
    expect(fieldsOf(() => parse({ chainId }))).toHaveProperty('chain_id');
  });

  it('names all that is wrong', () => {
    const request = CreateChainRequest.fromPartial({ name: '', chainId: 0, fields: { rpcUrl: 'x' } });
    expect(Object.keys(fieldsOf(() => parseNewChain(request))).sort()).toEqual([
      'chain_id',
      'display_name',
      'name',
      'rpc_url',
    ]);
  });
});

describe('a change of a chain', () => {
  const change = (fields: Partial<ChainChange>) => parseChange(fields as ChainChange);

  it('has what is given; an empty URL clears', () => {
    expect(change({})).toEqual({});
    expect(change({ rpcUrl: '', isEnabled: false })).toEqual({ rpcUrl: null, isEnabled: false });
  });

  it.each([
    ['rpcUrl', 'rpc_url', 'ftp://node.example'],
    ['rpcUrl', 'rpc_url', 'wss://node.example'],
    ['rpcUrl', 'rpc_url', 'https://node.example/ key'],
    ['rpcUrl', 'rpc_url', `https://node.example/${'x'.repeat(2048)}`],
    ['wsUrl', 'ws_url', 'https://node.example'],
    ['explorerUrl', 'explorer_url', 'javascript:alert(1)'],
    ['explorerUrl', 'explorer_url', 'nonsense'],
    ['displayName', 'display_name', ' '],
    ['displayName', 'display_name', 'a\nb'],
    ['nativeCurrency', 'native_currency', 'x'.repeat(17)],
  ])('refuses as %s, and does not repeat it: %s %j', (name, field, value) => {
    const fields = fieldsOf(() => change({ [name]: value }));
    expect(Object.keys(fields)).toEqual([field]);
    if (value.trim().length > 1) expect(JSON.stringify(fields)).not.toContain(value);
  });
});
