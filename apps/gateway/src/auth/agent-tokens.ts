import { Injectable } from '@nestjs/common';
import type { AccessToken, AgentKeyExchange, AgentKeyExchangeResult } from '@oneclaw/contracts/auth';
import { unauthenticated } from '@oneclaw/errors';
import { fromErrorDetail } from '@oneclaw/rpc';
import type { PublicCall } from '../api/api-call.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { type BatchItem, batchCall, batching } from '../upstreams/batch.js';
import type { AgentProof } from './agent-proof.js';

type Credentials = Pick<AgentKeyExchange, 'agentId' | 'apiKey'>;

export interface AgentTokenResult {
  token: AccessToken | undefined;
  agentId: string;
  /** Of an agent that did not name itself; else nobody is told. */
  vaultIds: string[];
}

/** Agents that ask for tokens with their keys at the same time are answered by one RPC, one query and one batch in the HSM. */
@Injectable()
export class AgentTokens {
  private readonly exchanges = batching<Credentials, AgentKeyExchangeResult>((items) => this.send(items), {
    maxItems: 64,
    maxInFlight: 4,
  });

  constructor(private readonly clients: AuthClients) {}

  /**
   * Rejects with `unauthenticated`, one answer for everything that is wrong with a proof; for an agent that enrolled itself and would be one
   * more than the plan allows, with `resource_limit_exceeded`.
   */
  async exchange(call: PublicCall, proof: AgentProof): Promise<AgentTokenResult> {
    if (proof.kind === 'key') return this.exchangeKey(call, { agentId: proof.agentId, apiKey: proof.apiKey });
    const { agentLogins } = this.clients;
    const { token } =
      proof.kind === 'assertion'
        ? await agentLogins.logInWithAssertion(proof, call)
        : await agentLogins.logInWithCertificate(proof, call);
    return { token, agentId: proof.agentId, vaultIds: [] };
  }

  private async exchangeKey(call: PublicCall, item: Credentials): Promise<AgentTokenResult> {
    const result = await this.exchanges.add({ item, call });
    if (result.refusal) throw fromErrorDetail(result.refusal);
    if (!result.accepted) throw unauthenticated();
    return result;
  }

  private async send(batch: BatchItem<Credentials>[]): Promise<AgentKeyExchangeResult[]> {
    const exchanges = batch.map(({ item, call }) => ({
      ...item,
      ipAddress: call.clientIp ?? '',
      requestId: call.requestId,
    }));
    const { results } = await this.clients.agentTokens.exchangeAgentKeys({ exchanges }, batchCall(batch));
    return results;
  }
}
