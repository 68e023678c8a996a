import { type RpcChannel, isServing } from '@oneclaw/rpc';

const TIMEOUT_MS = 1000;

/**
 * A readiness check that passes once these services have been reached. What happens to them later does not count: a gateway
 * that is up answers 503 with a reason, one that is taken out of service answers nothing.
 */
export function firstContact(channels: readonly RpcChannel[]): () => Promise<void> {
  let reached = false;
  return async () => {
    if (reached) return;
    const serving = await Promise.all(channels.map((channel) => isServing(channel, TIMEOUT_MS)));
    const missing = channels.filter((_, index) => !serving[index]).map(({ target }) => target);
    if (missing.length > 0) throw new Error(`not reached yet: ${missing.join(', ')}`);
    reached = true;
  };
}
