import { Injectable } from '@nestjs/common';
import { AgentGrantServiceDefinition } from '@oneclaw/contracts/vault';
import { createRpcClient, type OutgoingCall, type RpcClient } from '@oneclaw/rpc';
import { VaultChannel } from '../rpc/channels.js';
import { MAX_ENTRIES, MAX_SCOPES_LENGTH } from './agent-fields.js';

export interface Grantee {
  orgId: string;
  agentId: string;
  /** Its own scopes; an agent that has any shows those. */
  scopes: readonly string[];
}

/** What vault-svc granted to agents, for the claims of their tokens. */
@Injectable()
export class AgentGrants {
  private readonly client: RpcClient<typeof AgentGrantServiceDefinition>;

  constructor(vault: VaultChannel) {
    this.client = createRpcClient(AgentGrantServiceDefinition, vault);
  }

  /** The patterns of those without scopes of their own, none for the others; in the order of the agents. */
  async patternsOf(agents: readonly Grantee[], call: OutgoingCall): Promise<string[][]> {
    const asked = agents.filter(({ scopes }) => scopes.length === 0);
    if (asked.length === 0) return agents.map(() => []);
    const request = { agents: asked.map(({ orgId, agentId }) => ({ orgId, agentId })) };
    const answers = (await this.client.listGrantedPatterns(request, call)).agents;
    let next = 0;
    return agents.map(({ scopes }) => (scopes.length === 0 ? fitting(answers[next++]?.patterns ?? []) : []));
  }
}

/** As many as an agent may have scopes: a token has to fit into a header. */
function fitting(patterns: readonly string[]): string[] {
  let length = 0;
  return patterns.slice(0, MAX_ENTRIES).filter((pattern) => (length += pattern.length) <= MAX_SCOPES_LENGTH);
}
