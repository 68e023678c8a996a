import type { VerificationKeys } from '@oneclaw/caller';
import { isSignedBy, type Checkpoint } from './checkpoint.js';

/**
 * `unknown`: the HSM has no such key (any more). Such a checkpoint vouches for nothing, and accuses nobody: whoever could
 * write it could as well have left it out.
 */
export type SignatureVerdict = 'right' | 'forged' | 'unknown';

/** Whether the HSM signed a checkpoint. */
export class CheckpointKeys {
  constructor(private readonly keys: VerificationKeys) {}

  /** Those of all generations that the HSM has. Throws `unavailable` while they cannot be had. */
  ids(): Promise<string[]> {
    return this.keys.ids();
  }

  /** Throws `unavailable` while no key at all is known. */
  async judge(checkpoint: Checkpoint): Promise<SignatureVerdict> {
    const key = await this.keys.find(checkpoint.keyId);
    if (!key) return 'unknown';
    return (await isSignedBy(key, checkpoint)) ? 'right' : 'forged';
  }
}
