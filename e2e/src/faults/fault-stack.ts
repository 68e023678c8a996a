import type { Stack, StackOptions } from '@oneclaw/stack';
import { ownStack } from '../stacks.js';

const NO_LIMITS = {
  TRUSTED_PROXIES: '127.0.0.0/8,::1',
  RATE_LIMIT_PER_SECOND: '100000',
  RATE_LIMIT_BURST: '100000',
};

/** A stack to break. Here it is not about limits. */
export function faultStack(options: StackOptions = {}): Promise<Stack> {
  const gateway = { ...NO_LIMITS, ...options.env?.gateway };
  return ownStack({ ...options, env: { ...options.env, gateway } });
}
