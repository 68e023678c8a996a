import { Injectable } from '@nestjs/common';
import { CreateAgentRequest } from '@oneclaw/contracts/auth';
import { transaction } from '@oneclaw/database';
import { auditEvent, identityEvent, type OutboxEvent } from '@oneclaw/events';
import { DataSource } from 'typeorm';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { AgentKeyVault } from '../agents/agent-key-vault.js';
import { settingsOf } from '../agents/agent-settings.js';
import type { NewAgent } from '../agents/agent.entity.js';
import { AgentsRepository } from '../agents/agents.repository.js';
import { KeyMaker } from '../agents/key-maker.js';
import { commitEvents } from '../audit/commit-events.js';
import type { Account } from '../accounts/user.entity.js';
import { MailOutbox } from '../mail/mail-outbox.js';
import { type DueEnrollment, EnrollmentsRepository } from './enrollments.repository.js';

const UNUSED_FOR_MS = 7 * 24 * 60 * 60_000;

/** Makes the agents that enrolled themselves, and sends their keys to the people whom they named. */
@Injectable()
export class EnrolledAgents {
  constructor(
    private readonly database: DataSource,
    private readonly enrollments: EnrollmentsRepository,
    private readonly accounts: AccountsRepository,
    private readonly agents: AgentsRepository,
    private readonly keyMaker: KeyMaker,
    private readonly keyVault: AgentKeyVault,
    private readonly mails: MailOutbox,
  ) {}

  /**
   * Agent, events and mail come with the transaction that ends the enrolment, or not at all; so it may be tried again, or by two at
   * once, and makes one agent.
   */
  async create(due: DueEnrollment): Promise<void> {
    const call = { requestId: due.requestId };
    const account = await this.accounts.findById(this.database, due.userId);
    if (!account) return void (await this.enrollments.finish(this.database, due));
    const { orgId } = account;
    const { apiKey, stored } = await this.keyMaker.make(call);
    const keys = await this.keyVault.provision(orgId, due.agentId, call);
    const mail = await this.mails.prepare(
      {
        kind: 'agent_enrolled',
        orgId,
        to: account.email,
        params: { agent_id: due.agentId, name: due.name, description: due.description ?? '' },
        secretParams: { api_key: apiKey },
      },
      call,
    );
    const agent: NewAgent = {
      ...settingsOf(CreateAgentRequest.fromPartial({ name: due.name, description: due.description ?? undefined })),
      id: due.agentId,
      orgId,
      createdBy: account.id,
      sshPublicKey: keys.ed25519PublicKey,
      ecdhPublicKey: keys.p256PublicKey,
      key: stored,
      unusedUntil: new Date(Date.now() + UNUSED_FOR_MS),
    };
    await transaction(this.database, async (manager) => {
      if (!(await this.enrollments.finish(manager, due))) return;
      await this.agents.insert(manager, agent);
      await commitEvents(manager, eventsOf(due, account));
      await this.mails.enqueue(manager, mail);
    });
  }
}

/** Nobody has logged in: the actor is anonymous, the trail is that of the org which gets the agent. */
function eventsOf({ agentId, name, ipAddress, requestId }: DueEnrollment, { id, orgId }: Account): OutboxEvent[] {
  const enrollment = { action: 'agent.enroll' as const, resourceType: 'agent', resourceId: agentId };
  const details = { name, auth_method: 'api_key', created_by: id };
  return [
    identityEvent({ orgId, kind: 'agent.created', subjectId: agentId }),
    auditEvent({ orgId, actorType: 'anonymous', ...enrollment, details, ipAddress, requestId }),
  ];
}
