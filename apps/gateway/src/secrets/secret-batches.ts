import { Injectable } from '@nestjs/common';
import type { ItemCaller, PutSecretItem, ReadSecretItem, SecretMetadata, SecretValue } from '@oneclaw/contracts/vault';
import type { SessionCall } from '../api/api-call.js';
import { type BatchItem, batchCall, batching, settled } from '../upstreams/batch.js';
import { VaultClients } from '../upstreams/vault-clients.js';

type Read = Omit<ReadSecretItem, 'callerIndex'> & { assertion: string };
type Put = Omit<PutSecretItem, 'callerIndex'> & { assertion: string };

/** Reads and writes of single secrets, sent to vault-svc in batches of whatever comes together. */
@Injectable()
export class SecretBatches {
  private readonly reads = batching<Read, SecretValue>((items) => this.sendReads(items), {
    maxItems: 128,
    maxInFlight: 4,
  });
  private readonly puts = batching<Put, SecretMetadata>((items) => this.sendPuts(items), {
    maxItems: 32,
    maxInFlight: 4,
  });

  constructor(private readonly clients: VaultClients) {}

  async read(call: SessionCall, item: Omit<ReadSecretItem, 'callerIndex'>): Promise<SecretValue> {
    return this.reads.add({ item: { ...item, assertion: call.assertion }, call });
  }

  async put(call: SessionCall, item: Omit<PutSecretItem, 'callerIndex'>): Promise<SecretMetadata> {
    return this.puts.add({ item: { ...item, assertion: call.assertion }, call });
  }

  private async sendReads(batch: BatchItem<Read>[]): Promise<(SecretValue | Error)[]> {
    const callers = batch.map(callerOf);
    const items = batch.map(({ item }, callerIndex) => ({ ...item, callerIndex }));
    const { results } = await this.clients.secretReads.readSecrets({ callers, items }, batchCall(batch));
    return results.map(({ outcome }) => settled(outcome));
  }

  private async sendPuts(batch: BatchItem<Put>[]): Promise<(SecretMetadata | Error)[]> {
    const callers = batch.map(callerOf);
    const items = batch.map(({ item }, callerIndex) => ({ ...item, callerIndex }));
    const { results } = await this.clients.secretWrites.putSecrets({ callers, items }, batchCall(batch));
    return results.map(({ outcome }) => settled(outcome));
  }
}

/** One caller per item: the request id makes every one of them different. */
function callerOf({ item, call }: BatchItem<{ assertion: string }>): ItemCaller {
  return { assertion: item.assertion, ipAddress: call.clientIp ?? '', requestId: call.requestId };
}
