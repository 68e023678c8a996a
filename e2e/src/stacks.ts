import { Stack, type StackOptions } from '@oneclaw/stack';
import { Api } from './client.js';
import { randomIp } from './world.js';

/** Hashes rest while others need the processor, which here is always: more places, so that those who log in do not wait for the rests. */
const MANY_HASHES = { ARGON2_CONCURRENCY: '4' };
/** Plans that bind, and that suites about other things do not reach. */
const ROOMY_PLANS = { DEFAULT_TIER: 'business' };

/** A stack of a suite's own, for what the shared one must not suffer. Stop it in afterAll. */
export async function ownStack(options: StackOptions = {}): Promise<Stack> {
  const template = process.env['E2E_TEMPLATE'];
  const env = {
    ...options.env,
    'auth-svc': { ...MANY_HASHES, ...options.env?.['auth-svc'] },
    'billing-svc': { ...ROOMY_PLANS, ...options.env?.['billing-svc'] },
  };
  return Stack.start({ mail: false, ...(template ? { template } : {}), ...options, env });
}

/** An API client of one of its gateways. */
export function gatewayOf(stack: Stack, index = 0): Api {
  const baseUrl = stack.gatewayUrls[index];
  if (!baseUrl) throw new Error(`There is no gateway number ${index}.`);
  return new Api({ baseUrl, ip: randomIp() });
}
