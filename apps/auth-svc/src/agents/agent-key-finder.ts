import { Injectable } from '@nestjs/common';
import type { AgentKeyExchange } from '@oneclaw/contracts/auth';
import type { OutgoingCall } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { KeyMacs } from '../tokens/key-macs.js';
import { isAgentKey } from './agent-key.js';
import { AgentKeysRepository, type KeyHolder, type KeyMatch } from './agent-keys.repository.js';

/** Whose key it is, or why it opens nothing; then with the agent that was tried, if there is one. */
export type KeyVerdict =
  | { accepted: true; holder: KeyHolder }
  | { accepted: false; reason: string; orgId: string | undefined; agentId: string | undefined };

/** Decides on agent keys. */
@Injectable()
export class AgentKeyFinder {
  constructor(
    private readonly database: DataSource,
    private readonly macs: KeyMacs,
    private readonly keys: AgentKeysRepository,
  ) {}

  /** In the order of the exchanges. */
  async judge(exchanges: readonly AgentKeyExchange[], call: OutgoingCall): Promise<KeyVerdict[]> {
    const macs = await this.macsOf(exchanges, call);
    const claimedIds = exchanges.map(({ agentId }) => (isUuid(agentId) ? agentId?.toLowerCase() : undefined));
    const lookups = exchanges.map((_, index) => ({ mac: macs[index], claimedId: claimedIds[index] }));
    const matches = await this.keys.find(this.database, lookups);
    return exchanges.map(({ agentId }, index) =>
      verdictOn(agentId !== undefined, claimedIds[index], matches[index] as KeyMatch),
    );
  }

  /** Absent for text that cannot be one of our keys. */
  private async macsOf(exchanges: readonly AgentKeyExchange[], call: OutgoingCall): Promise<(Buffer | undefined)[]> {
    const keys = exchanges.map(({ apiKey }) => apiKey).filter(isAgentKey);
    const computed = await this.macs.compute(keys, call);
    let next = 0;
    return exchanges.map(({ apiKey }) => (isAgentKey(apiKey) ? computed[next++] : undefined));
  }
}

function verdictOn(claims: boolean, claimedId: string | undefined, { holder, claimedOrgId }: KeyMatch): KeyVerdict {
  const tried = { orgId: claimedOrgId, agentId: claimedOrgId === undefined ? undefined : claimedId };
  if (!holder) return { accepted: false, reason: 'unknown_key', ...tried };
  if (claims && holder.agentId !== claimedId) return { accepted: false, reason: 'key_of_another_agent', ...tried };
  if (!holder.usable)
    return { accepted: false, reason: 'inactive_or_expired', orgId: holder.orgId, agentId: holder.agentId };
  return { accepted: true, holder };
}
