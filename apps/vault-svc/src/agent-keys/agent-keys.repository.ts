import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';

/** The public halves of an agent's pairs. */
export interface AgentPublicKeys {
  ed25519PublicKey: Buffer;
  p256PublicKey: Buffer;
}

/** The pairs in use; the first generation is 1. */
export interface CurrentAgentKeys extends AgentPublicKeys {
  generation: number;
}

const FIND = `
  SELECT ed25519_public_key AS "ed25519PublicKey", p256_public_key AS "p256PublicKey", generation
  FROM agent_keys WHERE org_id = $1 AND agent_id = $2`;

const INSERT = `
  INSERT INTO agent_keys (org_id, agent_id, ed25519_public_key, p256_public_key) VALUES ($1, $2, $3, $4)
  ON CONFLICT (agent_id) DO NOTHING`;

const REPLACE = `
  UPDATE agent_keys SET ed25519_public_key = $3, p256_public_key = $4, generation = generation + 1
  WHERE org_id = $1 AND agent_id = $2`;

@Injectable()
export class AgentKeysRepository {
  async find(executor: Executor, orgId: string, agentId: string): Promise<CurrentAgentKeys | undefined> {
    const [keys] = await query<CurrentAgentKeys>(executor, FIND, [orgId, agentId]);
    return keys;
  }

  /** As `find`, and nobody else changes them until the end of the transaction. */
  async lock(executor: Executor, orgId: string, agentId: string): Promise<CurrentAgentKeys | undefined> {
    const [keys] = await query<CurrentAgentKeys>(executor, `${FIND} FOR NO KEY UPDATE`, [orgId, agentId]);
    return keys;
  }

  /** False where the agent has keys already. */
  async insert(executor: Executor, orgId: string, agentId: string, keys: AgentPublicKeys): Promise<boolean> {
    return (await execute(executor, INSERT, [orgId, agentId, keys.ed25519PublicKey, keys.p256PublicKey])) === 1;
  }

  /** By the next generation; the row is locked. */
  async replace(executor: Executor, orgId: string, agentId: string, keys: AgentPublicKeys): Promise<void> {
    await execute(executor, REPLACE, [orgId, agentId, keys.ed25519PublicKey, keys.p256PublicKey]);
  }
}
