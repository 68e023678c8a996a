import { Injectable } from '@nestjs/common';
import { type Caller, CallerVerifier, statementRefusal, TokenRefused } from '@oneclaw/caller';
import type { Refusal } from '@oneclaw/contracts/auth';
import { type DomainError, isDomainError, permissionDenied } from '@oneclaw/errors';
import { type AuditAction, auditEvent, type AuditFields } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { actorOf, originOf } from './audit-trail.js';
import { commitEvents } from './commit-events.js';

/** What somebody tried to do: "agent.rotate_key" on an agent. */
export type Attempt = Pick<AuditFields, 'action' | 'resourceType' | 'resourceId'>;

/** Puts refused attempts into the audit trail. */
@Injectable()
export class RefusalsService {
  constructor(
    private readonly database: DataSource,
    private readonly verifier: CallerVerifier,
  ) {}

  /** Commits the refusal and answers the error to throw. */
  async deny(caller: Caller, call: CallContext, attempt: Attempt, reason: string): Promise<DomainError> {
    await this.commit(caller, call, attempt, reason);
    return permissionDenied(reason);
  }

  /** Runs an operation. If it is refused for want of rights, or by the plan, the refusal is committed before it is told. */
  async guard<T>(caller: Caller, call: CallContext, attempt: Attempt, operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      if (isDomainError(error, 'permission_denied')) throw await this.deny(caller, call, attempt, error.message);
      if (isDomainError(error, 'resource_limit_exceeded')) await this.commit(caller, call, attempt, error.code);
      throw error;
    }
  }

  /**
   * Commits refusals that the gateway decided. Who was refused is what the assertion says, so one that does not verify names nobody and is
   * left out. Throws `unavailable`, and commits none, where the time of one is wrong: it may be that our clocks differ, and no refusal
   * may be told that is not in the trail. Answers how many were recorded.
   */
  async record(refusals: readonly Refusal[]): Promise<number> {
    const callers = await Promise.all(refusals.map((refusal) => this.callerOf(refusal)));
    const events = refusals.flatMap((refusal, index) => {
      const caller = callers[index];
      return caller ? [eventOf(caller, refusal)] : [];
    });
    await commitEvents(this.database.manager, events);
    return events.length;
  }

  private async commit(caller: Caller, call: CallContext, attempt: Attempt, reason: string): Promise<void> {
    const details = { outcome: 'denied', reason };
    await commitEvents(this.database.manager, [
      auditEvent({ ...attempt, ...actorOf(caller), ...originOf(call), details }),
    ]);
  }

  private async callerOf({ assertion }: Refusal): Promise<Caller | undefined> {
    try {
      return await this.verifier.verify(assertion);
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      const refusal = statementRefusal(error);
      if (isDomainError(refusal, 'unavailable')) throw refusal;
      return undefined;
    }
  }
}

function eventOf(caller: Caller, refusal: Refusal) {
  return auditEvent({
    ...actorOf(caller),
    // A gateway of another release may name what this one has not heard of.
    action: refusal.action as AuditAction,
    resourceType: refusal.resourceType,
    resourceId: refusal.resourceId,
    details: { outcome: 'denied', reason: refusal.reason },
    ipAddress: refusal.ipAddress,
    requestId: refusal.requestId,
  });
}
