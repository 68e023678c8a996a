import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Logger } from '@oneclaw/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OtherAnswer } from '../api/other-answer.js';
import { retryHeaders } from './problem.js';
import { sendProblem } from './send-problem.js';

/** The one place where errors become HTTP: what handlers throw, what the pipeline refuses, what the framework cannot read. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent) return;
    if (error instanceof OtherAnswer) {
      const { status, headers, body } = error;
      return void reply
        .code(status)
        .headers({ ...retryHeaders(status), ...headers })
        .send(body);
    }
    sendProblem(error, http.getRequest<FastifyRequest>(), reply, this.logger);
  }
}
