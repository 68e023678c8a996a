import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { invalid } from '@oneclaw/errors';
import type { Kek, OrDamaged } from '../hsm/hsm.port.js';
import { EnvelopeService, type Envelope, type EnvelopeToOpen } from '../envelope/envelope.service.js';
import { matchingStep, SECRET_BYTES } from './totp.js';

export interface SealedSecret {
  envelope: Envelope;
  /** 20 bytes, for the authenticator of its owner. */
  secret: Buffer;
}

export interface CodeToCheck extends EnvelopeToOpen {
  code: string;
}

/** The step that the code belongs to. */
export type CheckedCode = { step: number } | 'wrong' | 'damaged';

const MAX_ITEMS = 100;

/** Secrets of one-time codes: made, sealed, opened and used in here; they leave once, for the authenticator. */
@Injectable()
export class TotpService {
  constructor(private readonly envelopes: EnvelopeService) {}

  async generate(kek: OrDamaged<Kek>, associatedData: readonly Buffer[]): Promise<SealedSecret[]> {
    requireSome(associatedData, 'associated_data');
    const secrets = associatedData.map(() => randomBytes(SECRET_BYTES));
    const envelopes = await this.envelopes.sealAll(
      secrets.map((plaintext, index) => ({ kek, associatedData: associatedData[index]!, plaintext })),
    );
    return secrets.map((secret, index) => ({ envelope: envelopes[index]!, secret }));
  }

  /** In the order of the items; by the clock at the time of the call. */
  async check(items: readonly CodeToCheck[], now: () => number = Date.now): Promise<CheckedCode[]> {
    requireSome(items, 'items');
    const secrets = await this.envelopes.open(items);
    try {
      return items.map(({ code }, index) => {
        const secret = secrets[index]!;
        if (secret === 'damaged') return 'damaged';
        const step = matchingStep(secret, code, now());
        return step === undefined ? 'wrong' : { step };
      });
    } finally {
      for (const secret of secrets) if (secret !== 'damaged') secret.fill(0);
    }
  }
}

function requireSome(items: readonly unknown[], field: string): void {
  if (items.length >= 1 && items.length <= MAX_ITEMS) return;
  throw invalid(`1 to ${MAX_ITEMS} at once.`, { [field]: `must have 1 to ${MAX_ITEMS} entries` });
}
