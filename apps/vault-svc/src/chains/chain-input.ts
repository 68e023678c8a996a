import type { ChainChange as ChainChangeMessage, CreateChainRequest } from '@oneclaw/contracts/vault';
import { invalid } from '@oneclaw/errors';
import type { ChainChange, NewChain } from './chain.entity.js';

type Fields = Record<string, string>;

const NAME = /^[a-z][a-z0-9-]{0,63}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const MAX_URL = 2048;
const HTTP = ['https:', 'http:'];
const WEBSOCKET = ['wss:', 'ws:'];

/** A chain as it is asked for. A name is never a number or an id, because it is found by any of the three. Throws invalid_argument. */
export function parseNewChain({ name, chainId, fields }: CreateChainRequest): Omit<NewChain, 'id'> {
  const problems: Fields = {};
  if (!NAME.test(name) || UUID.test(name)) {
    problems['name'] = 'must begin with a letter and have 1 to 64 of a-z, 0-9 and "-"';
  }
  if (!Number.isSafeInteger(chainId) || chainId < 1) problems['chain_id'] = 'must be a whole number from 1 on';
  if (fields?.displayName === undefined) problems['display_name'] = 'is required';
  const change = changeOf(fields, problems);
  check(problems);
  return {
    name,
    chainId,
    displayName: name,
    rpcUrl: null,
    wsUrl: null,
    isRpcPublic: false,
    explorerUrl: null,
    nativeCurrency: 'ETH',
    isTestnet: false,
    isEnabled: true,
    ...change,
  };
}

/** Throws invalid_argument. */
export function parseChange(message: ChainChangeMessage | undefined): ChainChange {
  const problems: Fields = {};
  const change = changeOf(message, problems);
  check(problems);
  return change;
}

function changeOf(message: ChainChangeMessage | undefined, problems: Fields): ChainChange {
  const { displayName, rpcUrl, wsUrl, explorerUrl, nativeCurrency, ...flags } = message ?? {};
  const change = {
    displayName: displayName === undefined ? undefined : text(displayName, 128, 'display_name', problems),
    nativeCurrency: nativeCurrency === undefined ? undefined : text(nativeCurrency, 16, 'native_currency', problems),
    rpcUrl: url(rpcUrl, HTTP, 'rpc_url', problems),
    wsUrl: url(wsUrl, WEBSOCKET, 'ws_url', problems),
    explorerUrl: url(explorerUrl, HTTP, 'explorer_url', problems),
    ...flags,
  };
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

function text(value: string, max: number, field: string, problems: Fields): string {
  const trimmed = value.trim();
  if (trimmed === '' || [...trimmed].length > max || /\p{Cc}/u.test(trimmed)) {
    problems[field] = `must have 1 to ${max} characters, none of them control characters`;
  }
  return trimmed;
}

/** Undefined stays, empty clears. The problem never repeats the URL. */
function url(
  value: string | undefined,
  protocols: string[],
  field: string,
  problems: Fields,
): string | null | undefined {
  if (value === undefined) return undefined;
  if (value === '') return null;
  const parsed = value.length <= MAX_URL && !/\s/.test(value) ? URL.parse(value) : null;
  if (!parsed || !protocols.includes(parsed.protocol)) {
    problems[field] = `must be a URL that begins with ${protocols.map((each) => `${each}//`).join(' or ')}`;
  }
  return value;
}

function check(problems: Fields): void {
  if (Object.keys(problems).length > 0) throw invalid('The chain is not valid.', problems);
}
