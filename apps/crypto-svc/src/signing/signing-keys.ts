import { Inject, Injectable } from '@nestjs/common';
import { HSM, type Hsm, type PublicKey, type SigningUse } from '../hsm/hsm.port.js';

export interface PublishedKey extends PublicKey {
  /** The key that signs now. */
  current: boolean;
}

/** Every replica lists a new key within 2 s, and verifiers ask again for a key id that they do not know. */
const PUBLISHED_BEFORE_USE_MS = 5000;

/**
 * Which generation signs: the newest that has been published for some seconds, so that no verifier is shown a signature
 * before it can learn the key. Keys that were there when this process first looked count as published.
 */
@Injectable()
export class SigningKeys {
  private readonly firstSeen = new Map<string, number>();
  private readonly listedBefore = new Set<SigningUse>();

  constructor(@Inject(HSM) private readonly hsm: Hsm) {}

  /** The newest last. */
  async list(use: SigningUse): Promise<PublishedKey[]> {
    const keys = await this.hsm.listPublicKeys(use);
    this.note(use, keys);
    const usableSince = performance.now() - PUBLISHED_BEFORE_USE_MS;
    const current = keys.findLast(({ keyId }) => this.firstSeen.get(keyId)! <= usableSince) ?? keys[0];
    return keys.map((key) => ({ ...key, current: key === current }));
  }

  async currentKeyId(use: SigningUse): Promise<string> {
    const keys = await this.list(use);
    return keys.find(({ current }) => current)!.keyId;
  }

  private note(use: SigningUse, keys: readonly PublicKey[]): void {
    const seen = this.listedBefore.has(use) ? performance.now() : Number.NEGATIVE_INFINITY;
    this.listedBefore.add(use);
    for (const { keyId } of keys) if (!this.firstSeen.has(keyId)) this.firstSeen.set(keyId, seen);
  }
}
