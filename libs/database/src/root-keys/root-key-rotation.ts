import { invalid } from '@oneclaw/errors';
import type { DataSource } from 'typeorm';
import { isForeignKeyViolation } from '../errors.js';
import { transaction } from '../transaction.js';
import type { RootKeysRepository, StoredKek } from './root-keys.repository.js';

export interface RewrapPage {
  /** Of the newest root key; what is under an older one is rewrapped. */
  generation: number;
  /** The `next` of the page before; empty at the start. */
  after: string;
  /** KEKs to look at, 1 to 500. */
  limit: number;
}

export interface RewrapProgress {
  rewrapped: number;
  /** KEKs that do not open; they stay as they are. */
  damaged: number;
  /** Empty at the end. */
  next: string;
}

/** Asks crypto-svc for the same KEKs by the newest root key, in order; `wrapped` is empty where one is damaged. */
export type Rewrap = (keks: StoredKek[]) => Promise<StoredKek[]>;

const MAX_LIMIT = 500;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A service's part in the rotation of the HSM's root key: `hsm rotate-root-key` calls for it, page by page. */
export class RootKeyRotation {
  constructor(
    private readonly database: DataSource,
    private readonly keks: RootKeysRepository,
  ) {}

  /** KEKs under root keys older than the generation. */
  async countOlder(generation: number): Promise<number> {
    return await this.keks.countOlder(this.database, generation);
  }

  /** Repeatable, and harmless in parallel. */
  async rewrapPage(page: RewrapPage, rewrap: Rewrap): Promise<RewrapProgress> {
    const { generation, limit } = page;
    const found = await this.keks.findAfter(this.database, startOf(page), limit);
    const next = found.length < limit ? '' : found.at(-1)!.kekId;
    const old = found.filter((kek) => kek.rootGeneration < generation);
    if (old.length === 0) return { rewrapped: 0, damaged: 0, next };
    const made = await rewrap(old);
    const pairs = old.map((was, index) => ({ was, becomes: made[index]! }));
    // A replica of crypto-svc that does not see the new root key yet answers the KEK as it was.
    const usable = pairs.filter(({ becomes }) => becomes.wrapped.length > 0 && becomes.rootGeneration >= generation);
    const rewrapped = await this.replace(generation, usable);
    return { rewrapped, damaged: pairs.filter(({ becomes }) => becomes.wrapped.length === 0).length, next };
  }

  /** From here on no KEK comes under an older root key. False, with nothing changed, where one is under it. */
  async retireOlder(generation: number): Promise<boolean> {
    try {
      await transaction(this.database, async (manager) => {
        await this.keks.admit(manager, generation);
        await this.keks.retireOlder(manager, generation);
      });
      return true;
    } catch (error) {
      if (isForeignKeyViolation(error)) return false;
      throw error;
    }
  }

  private async replace(generation: number, pairs: readonly { was: StoredKek; becomes: StoredKek }[]): Promise<number> {
    return await transaction(this.database, async (manager) => {
      await this.keks.admit(manager, generation);
      return await this.keks.replace(manager, pairs);
    });
  }
}

function startOf({ after, limit }: RewrapPage): string | null {
  if (limit < 1 || limit > MAX_LIMIT) throw invalid('The limit is not valid.', { limit: `must be 1 to ${MAX_LIMIT}` });
  if (after === '') return null;
  if (!UUID.test(after)) throw invalid('There is no such page.', { after: 'must be a UUID' });
  return after;
}
