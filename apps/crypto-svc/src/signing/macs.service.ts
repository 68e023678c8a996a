import { Inject, Injectable } from '@nestjs/common';
import { invalid } from '@oneclaw/errors';
import { HSM, type Hsm } from '../hsm/hsm.port.js';

export interface MacInput {
  purpose: string;
  data: Buffer;
}

/** HMAC-SHA-256 over length(purpose) | purpose | data, the length in four bytes: no two purposes share an input. */
@Injectable()
export class MacsService {
  constructor(@Inject(HSM) private readonly hsm: Hsm) {}

  async compute(inputs: readonly MacInput[]): Promise<Buffer[]> {
    const messages = inputs.map(messageOf);
    try {
      return await this.hsm.mac(messages);
    } finally {
      messages.forEach((message) => message.fill(0)); // they hold API keys
    }
  }
}

function messageOf({ purpose, data }: MacInput): Buffer {
  const name = Buffer.from(purpose, 'utf8');
  if (name.length === 0) throw invalid('A MAC needs a purpose.', { purpose: 'is missing' });
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  return Buffer.concat([length, name, data]);
}
