import { Injectable } from '@nestjs/common';
import type { SessionKind } from '@oneclaw/caller';
import type { AccessToken } from '@oneclaw/contracts/auth';
import { transaction } from '@oneclaw/database';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { originOf } from '../audit/audit-trail.js';
import { type AuthMethod, authSuccess } from '../audit/auth-events.js';
import { commitEvents } from '../audit/commit-events.js';
import { SessionIssuer, type UserFacts } from '../sessions/session-issuer.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';

export interface Proof {
  kind: SessionKind;
  method: AuthMethod;
  /** What else commits with the session, first. */
  work?: (manager: EntityManager) => Promise<void>;
}

/** The end of every interactive login: somebody has proven who they are, and gets a session. */
@Injectable()
export class LogInCompletion {
  constructor(
    private readonly database: DataSource,
    private readonly issuer: SessionIssuer,
    private readonly sessions: SessionsRepository,
  ) {}

  /** The token is signed before anything is written, and opens nothing unless all of it is. */
  async complete(user: UserFacts, { kind, method, work }: Proof, call: CallContext): Promise<{ token: AccessToken }> {
    const { session, token } = await this.issuer.issueToUser(user, kind, call);
    await transaction(this.database, async (manager) => {
      await work?.(manager);
      await this.sessions.insert(manager, [session]);
      await commitEvents(manager, [authSuccess(session, method, originOf(call))]);
    });
    return { token };
  }
}
