import type { X402Settings as X402SettingsMessage } from '@oneclaw/contracts/billing';
import { invalid } from '@oneclaw/errors';

/** How requests are paid for by x402; null = not set. */
export interface X402Settings {
  /** 20-byte address, hex. */
  payTo: string | null;
  /** e.g. "base". */
  network: string | null;
  scheme: string;
  /** Requests a month of the free tier; null: those of its definition. */
  freeTierLimit: number | null;
  facilitatorUrl: string | null;
  asset: string | null;
}

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const NETWORK = /^[a-z0-9][a-z0-9:-]{0,63}$/;
const MAX_URL = 2048;
const MAX_REQUESTS = 1_000_000_000_000;

/** What an admin changes; what is absent stays, an empty text unsets. Throws invalid_argument. */
export function parseX402Change(change: X402SettingsMessage | undefined): Partial<X402Settings> {
  const { payTo, network, scheme, freeTierLimit, facilitatorUrl, asset } = change ?? {};
  const problems: Record<string, string> = {};
  const text = (field: string, value: string | undefined, fits: (value: string) => boolean, rule: string) => {
    if (value) problems[field] = fits(value) ? '' : rule;
    return value === '' ? null : value;
  };
  const address = 'must be 0x and 40 hexadecimal digits';
  const parsed = {
    payTo: text('pay_to', payTo, (value) => ADDRESS.test(value), address),
    network: text('network', network, (value) => NETWORK.test(value), 'must be 1 to 64 of a-z, 0-9, "-" and ":"'),
    facilitatorUrl: text('facilitator_url', facilitatorUrl, isHttpUrl, 'must be an http or https URL'),
    asset: text('asset', asset, (value) => ADDRESS.test(value), address),
    scheme,
    freeTierLimit,
  };
  if (scheme !== undefined && scheme !== 'exact') problems['scheme'] = 'must be exact';
  if (freeTierLimit !== undefined && !(Number.isSafeInteger(freeTierLimit) && freeTierLimit <= MAX_REQUESTS)) {
    problems['free_tier_limit'] = `must be 0 to ${MAX_REQUESTS}`;
  }
  const wrong = Object.fromEntries(Object.entries(problems).filter(([, problem]) => problem !== ''));
  if (Object.keys(wrong).length > 0) throw invalid('The settings are not valid.', wrong);
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => value !== undefined));
}

function isHttpUrl(value: string): boolean {
  const url = value.length <= MAX_URL ? URL.parse(value) : null;
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.password === '';
}
