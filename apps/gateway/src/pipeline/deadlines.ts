import { unavailable } from '@oneclaw/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';

const CHECK_MS = 250;

type Late = (error: Error, request: FastifyRequest, reply: FastifyReply) => void;

/**
 * No request hangs: one whose answer has not begun by its deadline gets 503. All have the same time, so they come due in the order in
 * which they began, and one timer watches over the oldest.
 */
export class Deadlines {
  private readonly open = new Map<FastifyRequest, FastifyReply>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly timeoutMs: number,
    private readonly late: Late,
    private readonly now: () => number = Date.now,
  ) {
    this.timer = setInterval(() => this.answerLate(), CHECK_MS);
    this.timer.unref();
  }

  start(request: FastifyRequest, reply: FastifyReply): void {
    request.deadline = this.now() + this.timeoutMs;
    this.open.set(request, reply);
  }

  /** False when it had ended before. */
  finish(request: FastifyRequest): boolean {
    return this.open.delete(request);
  }

  /** Milliseconds since the start. */
  elapsed(request: FastifyRequest): number {
    return this.now() - request.deadline + this.timeoutMs;
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Public for tests with a clock of their own. */
  answerLate(): void {
    const now = this.now();
    for (const [request, reply] of this.open) {
      if (request.deadline > now) return;
      if (!reply.sent && !reply.raw.headersSent)
        this.late(unavailable('The request took too long. Try again in a moment.'), request, reply);
      // An answer that cannot be delivered either: the connection is gone. One that is being streamed takes its time.
      else if (request.deadline + this.timeoutMs < now && (reply.sent || reply.raw.destroyed))
        this.open.delete(request);
    }
  }
}
