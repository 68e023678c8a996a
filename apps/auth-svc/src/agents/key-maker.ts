import { Injectable } from '@nestjs/common';
import type { OutgoingCall } from '@oneclaw/rpc';
import { KeyMacs } from '../tokens/key-macs.js';
import type { StoredKey } from './agent.entity.js';
import { newAgentKey, prefixOf } from './agent-key.js';

/** Makes agent keys. */
@Injectable()
export class KeyMaker {
  constructor(private readonly macs: KeyMacs) {}

  /** The key, to be shown once, and what is stored of it. */
  async make(call: OutgoingCall): Promise<{ apiKey: string; stored: StoredKey }> {
    const apiKey = newAgentKey();
    const [mac] = await this.macs.compute([apiKey], call);
    return { apiKey, stored: { mac: mac as Buffer, prefix: prefixOf(apiKey) } };
  }
}
