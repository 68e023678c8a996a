import { invalid } from '@oneclaw/errors';
import type { z } from 'zod';
import type { agentTokenRequest } from './auth.schemas.js';

/** By what an agent says who it is. */
export type AgentProof =
  | { kind: 'key'; agentId: string | undefined; apiKey: string }
  | { kind: 'assertion'; agentId: string; clientAssertion: string }
  | { kind: 'certificate'; agentId: string; fingerprint: Buffer };

/** A key before an assertion before a certificate, which may be shown for other reasons. Throws `invalid_argument`. */
export function proofOf(
  { agent_id: agentId, api_key: apiKey, client_assertion: clientAssertion }: z.output<typeof agentTokenRequest>,
  fingerprint: Buffer | undefined,
): AgentProof {
  if (apiKey !== undefined) return { kind: 'key', agentId, apiKey };
  if (clientAssertion === undefined && fingerprint === undefined)
    throw invalid('An agent needs its key, an assertion of its issuer, or a client certificate.', {
      api_key: 'is required without client_assertion and without a client certificate',
    });
  if (agentId === undefined)
    throw invalid('Without a key, the agent must be named.', { agent_id: 'is required without api_key' });
  if (clientAssertion !== undefined) return { kind: 'assertion', agentId, clientAssertion };
  return { kind: 'certificate', agentId, fingerprint: fingerprint as Buffer };
}
