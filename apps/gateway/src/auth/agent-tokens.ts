import { Injectable } from '@nestjs/common';
import type { AgentKeyExchange, AgentKeyExchangeResult } from '@oneclaw/contracts/auth';
import { unauthenticated } from '@oneclaw/errors';
import type { PublicCall } from '../api/api-call.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { type BatchItem, batchCall, batching } from '../upstreams/batch.js';

type Credentials = Pick<AgentKeyExchange, 'agentId' | 'apiKey'>;

/** Agents that ask for tokens at the same time are answered by one RPC, one query and one batch in the HSM. */
@Injectable()
export class AgentTokens {
  private readonly exchanges = batching<Credentials, AgentKeyExchangeResult>((items) => this.send(items), {
    maxItems: 64,
    maxInFlight: 4,
  });

  constructor(private readonly clients: AuthClients) {}

  /** Rejects with `unauthenticated`: one answer for everything that is wrong with a key. */
  async exchange(call: PublicCall, item: Credentials): Promise<AgentKeyExchangeResult> {
    const result = await this.exchanges.add({ item, call });
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
