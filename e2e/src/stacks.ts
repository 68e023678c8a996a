import { Stack, type StackOptions } from '@oneclaw/stack';
import { Api } from './client.js';
import { randomIp } from './world.js';

/** A stack of a suite's own, for what the shared one must not suffer. Stop it in afterAll. */
export async function ownStack(options: StackOptions = {}): Promise<Stack> {
  const template = process.env['E2E_TEMPLATE'];
  return Stack.start({ mail: false, ...(template ? { template } : {}), ...options });
}

/** An API client of one of its gateways. */
export function gatewayOf(stack: Stack, index = 0): Api {
  const baseUrl = stack.gatewayUrls[index];
  if (!baseUrl) throw new Error(`There is no gateway number ${index}.`);
  return new Api({ baseUrl, ip: randomIp() });
}
