import { DEK_BYTES, GCM_IV_BYTES, decodeKek, encodeKek } from './kek.js';
import { ed25519KeyId } from './ed25519.js';
import { HsmError } from './hsm.errors.js';
import type {
  DekToUnwrap,
  DekToWrap,
  Hsm,
  HsmHealth,
  Kek,
  OrDamaged,
  PublicKey,
  SigningUse,
  WrappedDek,
} from './hsm.port.js';
import type { Operation } from './pool/messages.js';
import type { PoolOptions } from './pool/pool-options.js';
import { WorkerPool } from './pool/worker-pool.js';

/** The HSM behind a PKCS#11 module. Turns calls into jobs of moderate size, so that one large batch neither holds up
 * the others nor leaves a worker idle. The fields of each job are described in pkcs11/jobs.ts. */
export class Pkcs11Hsm implements Hsm {
  readonly pool: WorkerPool;
  private readonly publicKeys = new Map<SigningUse, { listedAt: number; keys: Promise<PublicKey[]> }>();

  constructor(options: PoolOptions) {
    this.pool = new WorkerPool(options);
    this.pool.start();
  }

  async createKeks(count: number): Promise<Kek[]> {
    const each = Array.from({ length: count }, () => this.pool.submit('createKeks', [ONE], 1));
    return (await Promise.all(each)).flat().map(decodeKek);
  }

  async rewrapKeks(keks: readonly Kek[]): Promise<OrDamaged<Kek>[]> {
    const fields = await this.inJobs('rewrapKeks', keks, (kek) => [encodeKek(kek)]);
    return fields.map((field) => (field.length === 0 ? 'damaged' : decodeKek(field)));
  }

  async wrapDeks(items: readonly DekToWrap[]): Promise<OrDamaged<WrappedDek>[]> {
    const fields = await this.inJobs('wrapDeks', items, ({ kek, associatedData, dek }) => {
      if (dek.length !== DEK_BYTES) throw new RangeError(`a DEK has ${DEK_BYTES} bytes, not ${dek.length}`);
      return [encodeKek(kek), associatedData, dek];
    });
    return fields.map((field) =>
      field.length === 0
        ? 'damaged'
        : { iv: field.subarray(0, GCM_IV_BYTES), ciphertext: field.subarray(GCM_IV_BYTES) },
    );
  }

  unwrapDeks(items: readonly DekToUnwrap[]): Promise<OrDamaged<Buffer>[]> {
    return this.unwrap('unwrapDeks', items);
  }

  unwrapProvenDeks(items: readonly DekToUnwrap[]): Promise<OrDamaged<Buffer>[]> {
    return this.unwrap('unwrapProvenDeks', items);
  }

  sign(use: SigningUse, keyId: string, messages: readonly Uint8Array[]): Promise<Buffer[]> {
    return this.inJobs('sign', messages, (message) => [message], [Buffer.from(use), Buffer.from(keyId)]);
  }

  mac(messages: readonly Uint8Array[]): Promise<Buffer[]> {
    return this.inJobs('mac', messages, (message) => [message]);
  }

  /** Remembered for two seconds; and for as long as the HSM is away, because public keys stay what they are. */
  async listPublicKeys(use: SigningUse): Promise<PublicKey[]> {
    const known = this.publicKeys.get(use);
    if (known !== undefined && performance.now() - known.listedAt < PUBLIC_KEYS_MAX_AGE_MS) return known.keys;
    const keys = this.readPublicKeys(use).catch((error: unknown) => {
      if (known !== undefined && error instanceof HsmError && error.kind !== 'key-missing') return known.keys;
      this.publicKeys.delete(use);
      throw error;
    });
    this.publicKeys.set(use, { listedAt: performance.now(), keys });
    return keys;
  }

  health(): HsmHealth {
    return this.pool.health();
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  private async unwrap(
    operation: 'unwrapDeks' | 'unwrapProvenDeks',
    items: readonly DekToUnwrap[],
  ): Promise<OrDamaged<Buffer>[]> {
    const fields = await this.inJobs(operation, items, ({ kek, associatedData, iv, ciphertext }) => [
      encodeKek(kek),
      associatedData,
      Buffer.concat([iv, ciphertext]),
    ]);
    return fields.map((field) => (field.length === 0 ? 'damaged' : field));
  }

  private async readPublicKeys(use: SigningUse): Promise<PublicKey[]> {
    const fields = await this.pool.submit('listKeys', [Buffer.from(use)], 1);
    return Array.from({ length: fields.length / 2 }, (_, index) => {
      const publicKey = Buffer.from(fields[index * 2 + 1]!);
      return { keyId: ed25519KeyId(publicKey), publicKey, generation: Number(fields[index * 2]) };
    });
  }

  private async inJobs<T>(
    operation: Operation,
    items: readonly T[],
    fieldsOf: (item: T) => Uint8Array[],
    header: readonly Uint8Array[] = [],
  ): Promise<Buffer[]> {
    const fields = items.map(fieldsOf);
    const jobs: Promise<Buffer[]>[] = [];
    for (let start = 0; start < fields.length; start += ITEMS_PER_JOB) {
      const part = fields.slice(start, start + ITEMS_PER_JOB);
      jobs.push(this.pool.submit(operation, [...header, ...part.flat()], part.length));
    }
    return allOrWiped(jobs);
  }
}

/** When one job fails, what the others answered is wiped: it may be keys, and nobody will. */
async function allOrWiped(jobs: Promise<Buffer[]>[]): Promise<Buffer[]> {
  const results = await Promise.allSettled(jobs);
  const answered = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return answered;
  answered.forEach((field) => field.fill(0));
  throw failed.reason;
}

const ITEMS_PER_JOB = 32;
const PUBLIC_KEYS_MAX_AGE_MS = 2000;
const ONE = Buffer.from([0, 0, 0, 1]);
