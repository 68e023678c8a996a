import type { ApiKey, CreateApiKeyRequest } from '@oneclaw/contracts/auth';
import type { OutgoingCall } from '@oneclaw/rpc';
import type { Replica } from './auth-world.js';
import { anonymous, type Human } from './people.js';

/** A personal API key, and the key itself. */
export async function createKey(
  replica: Replica,
  owner: Human,
  fields: Partial<CreateApiKeyRequest> = {},
): Promise<{ key: ApiKey; apiKey: string }> {
  const { key, apiKey } = await replica.apiKeys.createApiKey({ name: 'a key', ...fields }, owner.call);
  if (!key) throw new Error('no key');
  return { key, apiKey };
}

/** Calls on behalf of whoever holds the key or token. */
export async function keyCall(replica: Replica, bearer: string): Promise<OutgoingCall> {
  const { results } = await replica.sessions.resolveCallers({ tokens: [bearer] }, anonymous());
  return { ...anonymous(), assertion: results[0]?.caller?.assertion };
}
