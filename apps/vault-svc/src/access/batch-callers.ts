import { Injectable } from '@nestjs/common';
import { CallerVerifier, statementRefusal, TokenRefused, type Caller } from '@oneclaw/caller';
import type { ItemCaller } from '@oneclaw/contracts/vault';
import { internal, type DomainError } from '@oneclaw/errors';

/** Who asks for an item of a batch, and from where. */
export interface BatchCaller {
  caller: Caller;
  ipAddress: string;
  requestId: string;
}

/** A caller, or why its items are refused. */
export type BatchCallerOutcome = BatchCaller | DomainError;

/** Verifies the callers that a batch names, each of them once. */
@Injectable()
export class BatchCallers {
  constructor(private readonly verifier: CallerVerifier) {}

  async verify(callers: readonly ItemCaller[]): Promise<BatchCallerOutcome[]> {
    return await Promise.all(callers.map((each) => this.verifyOne(each)));
  }

  private async verifyOne({ assertion, ipAddress, requestId }: ItemCaller): Promise<BatchCallerOutcome> {
    try {
      return { caller: await this.verifier.verify(assertion), ipAddress, requestId };
    } catch (error) {
      if (error instanceof TokenRefused) return statementRefusal(error);
      throw error;
    }
  }
}

/** The caller of an item; an index that names nobody is the gateway's mistake. */
export function callerAt(callers: readonly BatchCallerOutcome[], index: number): BatchCallerOutcome {
  return callers[index] ?? internal(`an item names caller ${index} of ${callers.length}`);
}
