import { randomUUID } from 'node:crypto';
import type { Answer } from '../answer.js';
import type { Headers } from '../client.js';

/** What an operation came to. Unknown: it was done, wholly, or not at all. */
export type Outcome = 'ok' | 'refused' | 'unknown';

/** What an operation is for, by the action that its audit event has. */
export type Action =
  | 'secret.read'
  | 'secret.write'
  | 'secret.list'
  | 'secret.delete'
  | 'vault.create'
  | 'vault.delete'
  | 'policy.create'
  | 'policy.delete'
  | 'share.access'
  | 'auth.success'
  // What newcomers do is not reckoned: only that it is served.
  | 'newcomer';

/** What comes, and goes as soon as it is known to be there. */
export type Fleeting = 'vault' | 'policy' | 'secret';

/** Written down before an operation is sent. */
export interface Intent {
  action: Action;
  orgId: string;
  vaultId?: string;
  path?: string;
  /** Of a read: the version that it asks for, where not the latest. */
  version?: number | undefined;
  /** Of a write; it carries the operation's request id, so that no two are alike. */
  value?: string;
  /** Of what comes: its name is the operation's request id. Of what goes: `created` names it. */
  fleeting?: Fleeting;
  created?: string;
}

export interface Operation extends Intent {
  /** Goes with the request, and stands in the audit event. */
  readonly requestId: string;
  /** On this process's clock, in milliseconds. */
  readonly startedAt: number;
  endedAt?: number;
  /** Absent while it is under way. */
  outcome?: Outcome;
  /** Absent where the connection broke. */
  answer?: Answer;
}

/** No user waits longer than this, whatever happens. */
const PATIENCE_MS = 10_000;
const BROKEN = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

/**
 * The client's own record of what it asked for and what came of it, to hold the system against afterwards. While faults
 * happen, an operation may also end in a 503 with Retry-After; anything else that is not an answer is a complaint.
 */
export class Ledger {
  readonly operations: Operation[] = [];
  readonly complaints: string[] = [];
  /** Connections may break: the gateway itself is being killed. */
  toleratesDisconnects = false;

  get acknowledged(): number {
    return this.count('ok');
  }

  get unknown(): number {
    return this.count('unknown');
  }

  count(outcome: Outcome): number {
    return this.operations.filter((each) => each.outcome === outcome).length;
  }

  /** Writes the intent, sends, writes the outcome. Never throws for what the system does. */
  async perform(
    intent: Intent,
    send: (headers: Headers) => Promise<Answer>,
    requestId: string = randomUUID(),
  ): Promise<Operation> {
    const startedAt = performance.now();
    const operation: Operation = { ...intent, requestId, startedAt };
    this.operations.push(operation);
    try {
      operation.answer = await send({ 'x-request-id': requestId });
      operation.outcome = this.judge(operation, operation.answer);
    } catch (error) {
      operation.outcome = 'unknown';
      this.suspect(operation, error as NodeJS.ErrnoException);
    }
    operation.endedAt = performance.now();
    const elapsed = operation.endedAt - startedAt;
    if (elapsed > PATIENCE_MS) this.complain(operation, `took ${Math.round(elapsed)} ms`);
    return operation;
  }

  private judge(operation: Operation, answer: Answer): Outcome {
    if (answer.status < 300) return 'ok';
    if (answer.status < 500) return 'refused';
    if (answer.status !== 503) this.complain(operation, `was answered ${answer.status}: ${answer.text}`);
    else if (!answer.header('retry-after')) this.complain(operation, 'got a 503 without Retry-After');
    return 'unknown';
  }

  private suspect(operation: Operation, error: NodeJS.ErrnoException): void {
    if (this.toleratesDisconnects && BROKEN.has(error.code ?? '')) return;
    this.complain(operation, `ended in an error: ${error.message}`);
  }

  private complain({ action, requestId }: Operation, what: string): void {
    this.complaints.push(`${action} ${requestId} ${what}`);
  }
}
