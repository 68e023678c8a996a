import type { Stack, StackOptions } from '@oneclaw/stack';
import { ownStack } from '../stacks.js';

/**
 * A stack to break. Its tenants may do more than a new org may, come from addresses of their own, and have passwords hashed
 * cheaply: here it is not about limits.
 */
export function faultStack(options: StackOptions = {}): Promise<Stack> {
  return ownStack({
    ...options,
    env: {
      ...options.env,
      gateway: { TRUSTED_PROXIES: '127.0.0.0/8,::1', ...options.env?.gateway },
      'auth-svc': { ARGON2_MEMORY_KIB: '19456', ARGON2_ITERATIONS: '2', ...options.env?.['auth-svc'] },
    },
  });
}
