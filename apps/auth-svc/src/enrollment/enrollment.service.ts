import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type EmailAddress, parseEmail } from '@oneclaw/caller';
import type { EnrollAgentRequest } from '@oneclaw/contracts/auth';
import { type DomainError, invalid, rateLimited } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { v4 as uuidv4 } from 'uuid';
import { problemsOf } from '../agents/agent-settings.js';
import { EnrollmentWorker } from './enrollment-worker.js';
import { EnrollmentsRepository } from './enrollments.repository.js';

/** One per address, known or not. */
export const PAUSE_MS = 10 * 60_000;

/**
 * Takes requests of agents that want to work for somebody. The answer says nothing about that somebody, neither in what it says nor in
 * how long it takes: everything that only happens for a known address happens after it.
 */
@Injectable()
export class EnrollmentService {
  constructor(
    private readonly database: DataSource,
    private readonly enrollments: EnrollmentsRepository,
    private readonly worker: EnrollmentWorker,
  ) {}

  /** The id is the agent's, if there will be one; and random in any case. */
  async enroll(request: EnrollAgentRequest, call: CallContext): Promise<{ agentId: string }> {
    const { given, canonical } = parsed(request);
    const addressHash = hash('sha256', canonical, 'buffer');
    const agentId = uuidv4();
    const admitted = await this.enrollments.admit(
      this.database,
      {
        addressHash,
        emailCanonical: canonical,
        agentId,
        name: given.name,
        description: given.description,
        ipAddress: call.clientIp,
        requestId: call.requestId,
      },
      PAUSE_MS,
    );
    if (!admitted) throw tooSoon(await this.enrollments.ageMs(this.database, addressHash));
    this.worker.hint();
    return { agentId };
  }
}

function parsed({ name, description, humanEmail }: EnrollAgentRequest) {
  const given = { name, description: description || null };
  const address: EmailAddress | undefined = parseEmail(humanEmail);
  const problems = {
    ...problemsOf(given),
    ...(address ? {} : { human_email: 'must be an email address' }),
  };
  if (!address || Object.keys(problems).length > 0) throw invalid('The enrolment is not valid.', problems);
  return { given, canonical: address.canonical };
}

function tooSoon(ageMs: number): DomainError {
  const seconds = Math.max(1, Math.ceil((PAUSE_MS - ageMs) / 1000));
  return rateLimited('An agent was enrolled with this address a short while ago. Try again later.', seconds);
}
