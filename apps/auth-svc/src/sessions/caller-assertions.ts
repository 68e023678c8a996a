import { Injectable } from '@nestjs/common';
import { CALLER_ASSERTION, type Caller, encodeCallerClaims } from '@oneclaw/caller';
import { TokenKind } from '@oneclaw/contracts/crypto';
import type { OutgoingCall } from '@oneclaw/rpc';
import { TokenSigner } from '../tokens/token-signer.js';

export interface Assertion {
  jws: string;
  expiresAt: Date;
}

interface Remembered extends Assertion {
  /** The caller that it asserts, as JSON. */
  facts: string;
}

const MAX_REMEMBERED = 10_000;
/** A reused assertion must outlive the request, and let the gateway serve an active caller while the HSM is away for a while. */
const MIN_REMAINING_MS = 45_000;

/** One of more than a whole life is of a clock that was ahead and has been put back: it is from the future, and nobody takes it. */
function isFresh({ expiresAt }: Assertion): boolean {
  const remainingMs = expiresAt.getTime() - Date.now();
  return remainingMs >= MIN_REMAINING_MS && remainingMs <= CALLER_ASSERTION.lifetimeSeconds * 1000;
}

/**
 * Signed statements on who calls. One that was made for exactly these facts serves again in the first quarter of its life, so
 * that gateways that resolve every request (NATS down) cost one signature per session and quarter minute.
 */
@Injectable()
export class CallerAssertions {
  private readonly remembered = new Map<string, Remembered>();

  constructor(private readonly signer: TokenSigner) {}

  /** By session id. The callers must be as the database has them now. */
  async for(callers: readonly Caller[], call: OutgoingCall): Promise<Map<string, Assertion>> {
    const wanted = new Map(callers.map((caller) => [caller.sessionId, { caller, facts: JSON.stringify(caller) }]));
    const answers = new Map<string, Assertion>();
    for (const [sessionId, { facts }] of wanted) {
      const known = this.remembered.get(sessionId);
      if (known && known.facts === facts && isFresh(known)) answers.set(sessionId, known);
    }
    const missing = [...wanted.values()].filter(({ caller }) => !answers.has(caller.sessionId));
    for (const { sessionId, ...assertion } of await this.sign(missing, call)) answers.set(sessionId, assertion);
    return answers;
  }

  private async sign(missing: readonly { caller: Caller; facts: string }[], call: OutgoingCall) {
    const now = Math.floor(Date.now() / 1000);
    const claims = missing.map(({ caller }) => encodeCallerClaims(caller, now));
    const signed = await this.signer.sign(TokenKind.CALLER_ASSERTION, claims, call);
    const expiresAt = new Date((now + CALLER_ASSERTION.lifetimeSeconds) * 1000);
    return missing.map(({ caller, facts }, index) => {
      const assertion = { jws: signed[index] as string, expiresAt };
      this.remember(caller.sessionId, { ...assertion, facts });
      return { sessionId: caller.sessionId, ...assertion };
    });
  }

  private remember(sessionId: string, assertion: Remembered): void {
    this.remembered.delete(sessionId);
    this.remembered.set(sessionId, assertion);
    if (this.remembered.size <= MAX_REMEMBERED) return;
    const oldest = this.remembered.keys().next();
    if (!oldest.done) this.remembered.delete(oldest.value);
  }
}
