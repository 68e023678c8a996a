import { Inject, Injectable } from '@nestjs/common';
import { Coalescer } from '@oneclaw/coalesce';
import { unavailable } from '@oneclaw/errors';
import { CONFIG, type VaultConfig } from '../config.js';
import { PutSecretsService } from './put-secrets.service.js';
import type { SecretWrite } from './secret-write.js';
import type { SecretMetadata } from './secret.entity.js';

const MAX_BATCH = 64;
const MAX_WAITING = 2000;
/** Values and metadata of a batch, which crypto-svc and Postgres get in one message each. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/**
 * Gathers writes into batches, and admits only some at once: each holds a database connection while crypto-svc seals, and a slow
 * HSM must not take the connections away from everything else.
 */
@Injectable()
export class WriteQueue {
  private readonly coalescer: Coalescer<SecretWrite, SecretMetadata>;

  constructor(puts: PutSecretsService, @Inject(CONFIG) config: Pick<VaultConfig, 'WRITE_CONCURRENCY'>) {
    this.coalescer = new Coalescer<SecretWrite, SecretMetadata>((writes) => puts.put(writes), {
      maxItems: MAX_BATCH,
      maxWeight: MAX_BATCH_BYTES,
      weightOf: ({ input }) => input.value.length + input.metadataJson.length + (input.rotationPolicyJson?.length ?? 0),
      maxInFlight: config.WRITE_CONCURRENCY,
      maxWaiting: MAX_WAITING,
      onOverflow: () => unavailable('Too many writes are waiting. Try again in a moment.'),
    });
  }

  /** Rejects with DomainError. */
  async put(write: SecretWrite): Promise<SecretMetadata> {
    return await this.coalescer.add(write);
  }
}
