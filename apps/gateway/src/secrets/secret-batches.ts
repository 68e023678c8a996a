import { Injectable } from '@nestjs/common';
import { AGAIN } from '@oneclaw/coalesce';
import type {
  ItemCaller,
  PutSecretItem,
  ReadSecretItem,
  ReadSecretResult,
  SecretMetadata,
  SecretValue,
} from '@oneclaw/contracts/vault';
import type { SessionCall } from '../api/api-call.js';
import { type BatchItem, batchCall, batching, settled } from '../upstreams/batch.js';
import { VaultClients } from '../upstreams/vault-clients.js';

type Read = Omit<ReadSecretItem, 'callerIndex'> & { assertion: string };
type Put = Omit<PutSecretItem, 'callerIndex'> & { assertion: string };

/** In place of a value: the caller has it already. */
export class NotModified {
  constructor(readonly version: number) {}
}

/** Values of a batch, of which vault-svc gets a message, and their metadata. */
const MAX_PUT_BYTES = 4 * 1024 * 1024;

/** Reads and writes of single secrets, sent to vault-svc in batches of whatever comes together. */
@Injectable()
export class SecretBatches {
  private readonly reads = batching<Read, SecretValue | NotModified>((items) => this.sendReads(items), {
    maxItems: 128,
    maxInFlight: 4,
  });
  private readonly puts = batching<Put, SecretMetadata>((items) => this.sendPuts(items), {
    maxItems: 32,
    maxInFlight: 4,
    maxWeight: MAX_PUT_BYTES,
    weightOf: ({ item }) => item.value.length + item.metadataJson.length + item.rotationPolicyJson.length,
  });

  constructor(private readonly clients: VaultClients) {}

  async read(call: SessionCall, item: Omit<ReadSecretItem, 'callerIndex'>): Promise<SecretValue | NotModified> {
    return this.reads.add({ item: { ...item, assertion: call.assertion }, call });
  }

  async put(call: SessionCall, item: Omit<PutSecretItem, 'callerIndex'>): Promise<SecretMetadata> {
    return this.puts.add({ item: { ...item, assertion: call.assertion }, call });
  }

  private async sendReads(batch: BatchItem<Read>[]) {
    const callers = batch.map(callerOf);
    const items = batch.map(({ item }, callerIndex) => ({ ...item, callerIndex }));
    const { results } = await this.clients.secretReads.readSecrets({ callers, items }, batchCall(batch));
    return results.map(readOutcome);
  }

  private async sendPuts(batch: BatchItem<Put>[]): Promise<(SecretMetadata | Error)[]> {
    const callers = batch.map(callerOf);
    const items = batch.map(({ item }, callerIndex) => ({ ...item, callerIndex }));
    const { results } = await this.clients.secretWrites.putSecrets({ callers, items }, batchCall(batch));
    return results.map(({ outcome }) => settled(outcome));
  }
}

/** vault-svc bounds its answers in bytes: what it defers is asked for again. */
function readOutcome({ outcome }: ReadSecretResult): SecretValue | NotModified | Error | typeof AGAIN {
  if (outcome?.$case === 'deferred') return AGAIN;
  return outcome?.$case === 'notModified' ? new NotModified(outcome.value) : settled(outcome);
}

/** One caller per item: the request id makes every one of them different. */
function callerOf({ item, call }: BatchItem<{ assertion: string }>): ItemCaller {
  return { assertion: item.assertion, ipAddress: call.clientIp ?? '', requestId: call.requestId };
}
