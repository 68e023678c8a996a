import { Inject, Injectable } from '@nestjs/common';
import { HSM, type Hsm } from '../hsm/hsm.port.js';
import { SigningKeys } from './signing-keys.js';

/** Before every checkpoint, so that this key's signatures mean nothing else. */
const PREFIX = Buffer.from('oneclaw-checkpoint-v1\0');

@Injectable()
export class CheckpointsService {
  constructor(
    @Inject(HSM) private readonly hsm: Hsm,
    private readonly keys: SigningKeys,
  ) {}

  async sign(checkpoints: readonly Buffer[]): Promise<{ keyId: string; signatures: Buffer[] }> {
    const keyId = await this.keys.currentKeyId('checkpoint');
    const messages = checkpoints.map((checkpoint) => Buffer.concat([PREFIX, checkpoint]));
    return { keyId, signatures: await this.hsm.sign('checkpoint', keyId, messages) };
  }
}
