import { Injectable } from '@nestjs/common';
import { DomainError, type ErrorCode } from '@oneclaw/errors';
import { auditEvent, type AuditFields } from '@oneclaw/events';
import { DataSource } from 'typeorm';
import { commitEvents } from './commit-events.js';

/** An attempt that rules refused, with a reason for the trail that the caller is not told. */
export class Refused extends DomainError {
  constructor(
    error: DomainError,
    readonly reason: string,
  ) {
    super(error.code, error.message, error);
  }
}

/** Refusals of what was asked, not failures to understand or to serve it. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  'permission_denied',
  'resource_limit_exceeded',
  'not_found',
  'gone',
  'conflict',
  'precondition_failed',
]);

export function isRefusal(error: unknown): error is DomainError {
  return error instanceof DomainError && REFUSALS.has(error.code);
}

/** What an event says of a refusal. */
export function denied(error: DomainError): { outcome: 'denied'; reason: string } {
  return { outcome: 'denied', reason: error instanceof Refused ? error.reason : error.code };
}

/** Puts refused attempts into the audit trail. */
@Injectable()
export class RefusalTrail {
  constructor(private readonly database: DataSource) {}

  /** Runs an operation. If it is refused, the refusal is committed before it is answered. */
  async guard<T>(attempt: AuditFields, operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      if (isRefusal(error)) await this.record(attempt, error);
      throw error;
    }
  }

  private async record(attempt: AuditFields, error: DomainError): Promise<void> {
    const details = { ...attempt.details, ...denied(error) };
    await commitEvents(this.database.manager, [auditEvent({ ...attempt, details })]);
  }
}
