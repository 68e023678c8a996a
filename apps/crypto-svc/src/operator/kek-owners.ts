import { setTimeout as pause } from 'node:timers/promises';
import { AuthRootKeyServiceDefinition } from '@oneclaw/contracts/auth';
import { VaultRootKeyServiceDefinition } from '@oneclaw/contracts/vault';
import { isDomainError } from '@oneclaw/errors';
import { RpcChannel, createRpcClient, type RpcClient, type TransportSecurity } from '@oneclaw/rpc';
import type { KekOwner, RewrapPage } from './root-key-rotation.js';

/** As in the operator's certificate and the call graph. */
const SELF = 'operator';
/** A service that restarts, or an HSM that pauses, is waited for this long. */
const PATIENCE_MS = 60_000;
const RETRY_MS = 500;

type Client = RpcClient<typeof VaultRootKeyServiceDefinition>;

export interface ReachableOwner extends KekOwner {
  close(): void;
}

/** The services that keep KEKs. */
export function kekOwners(urls: { vaultSvc: string; authSvc: string }, security: TransportSecurity): ReachableOwner[] {
  const to = (target: string, url: string) => new RpcChannel({ self: SELF, target, url, security });
  const [vault, auth] = [to('vault-svc', urls.vaultSvc), to('auth-svc', urls.authSvc)];
  return [
    ownerAt(vault, createRpcClient(VaultRootKeyServiceDefinition, vault)),
    ownerAt(auth, createRpcClient(AuthRootKeyServiceDefinition, auth)),
  ];
}

function ownerAt(channel: RpcChannel, client: Client): ReachableOwner {
  const call = { requestId: 'rotate-root-key' };
  return {
    name: channel.target,
    countOlder: async (generation) => (await patiently(() => client.countOlderKeks({ generation }, call))).count,
    rewrap: (page: RewrapPage) => patiently(() => client.rewrapKeks(page, call)),
    retireOlder: (generation) => patiently(() => retire(client, generation, call)),
    close: () => channel.close(),
  };
}

async function retire(client: Client, generation: number, call: { requestId: string }): Promise<boolean> {
  try {
    await client.retireOlderRootKeys({ generation }, call);
    return true;
  } catch (error) {
    if (isDomainError(error, 'conflict')) return false;
    throw error;
  }
}

async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isDomainError(error, 'unavailable') || Date.now() > giveUpAt) throw error;
      await pause(RETRY_MS);
    }
  }
}
