import { Injectable } from '@nestjs/common';
import { execute } from '@oneclaw/database';
import type { EntityManager } from 'typeorm';

/** In one order everywhere, so that batches never wait for each other in a circle. */
const MARK_USED = `
  UPDATE agents SET unused_until = NULL WHERE id IN (
    SELECT id FROM agents WHERE id = ANY($1::uuid[]) AND unused_until IS NOT NULL ORDER BY id FOR NO KEY UPDATE)`;

/** Agents that enrolled themselves and have had no token yet: they expire by themselves, and no plan counts them. */
@Injectable()
export class UnusedAgents {
  /**
   * In the transaction of its first token: from here on the agent stays, and counts towards the plan's agents. The one place where
   * that can be refused (contract, section 13: 403 `resource_limit_exceeded`). Costs nothing where all have been used before.
   */
  async markUsed(manager: EntityManager, holders: readonly { agentId: string; unused: boolean }[]): Promise<void> {
    const ids = holders.filter(({ unused }) => unused).map(({ agentId }) => agentId);
    if (ids.length > 0) await execute(manager, MARK_USED, [ids]);
  }
}
