import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';

/** The public halves of an agent's pairs. */
export interface AgentPublicKeys {
  ed25519PublicKey: Buffer;
  p256PublicKey: Buffer;
}

const FIND = `
  SELECT ed25519_public_key AS "ed25519PublicKey", p256_public_key AS "p256PublicKey"
  FROM agent_keys WHERE org_id = $1 AND agent_id = $2`;

const INSERT = `
  INSERT INTO agent_keys (org_id, agent_id, ed25519_public_key, p256_public_key) VALUES ($1, $2, $3, $4)
  ON CONFLICT (agent_id) DO NOTHING`;

@Injectable()
export class AgentKeysRepository {
  async find(executor: Executor, orgId: string, agentId: string): Promise<AgentPublicKeys | undefined> {
    const [keys] = await query<AgentPublicKeys>(executor, FIND, [orgId, agentId]);
    return keys;
  }

  /** False where the agent has keys already. */
  async insert(executor: Executor, orgId: string, agentId: string, keys: AgentPublicKeys): Promise<boolean> {
    return (await execute(executor, INSERT, [orgId, agentId, keys.ed25519PublicKey, keys.p256PublicKey])) === 1;
  }
}
