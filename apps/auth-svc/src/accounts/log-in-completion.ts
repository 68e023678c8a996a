import { Injectable } from '@nestjs/common';
import type { SessionKind } from '@oneclaw/caller';
import type { AccessToken } from '@oneclaw/contracts/auth';
import { transaction } from '@oneclaw/database';
import { unavailable } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { originOf } from '../audit/audit-trail.js';
import { type AuthMethod, authSuccess } from '../audit/auth-events.js';
import { commitEvents } from '../audit/commit-events.js';
import { Overtaken } from '../org-moves/org-move.js';
import { OrgMoves, type Place } from '../org-moves/org-moves.js';
import { SessionIssuer, type UserFacts } from '../sessions/session-issuer.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';

export interface Proof {
  kind: SessionKind;
  method: AuthMethod;
  /** What else commits with the session, first. Tried again as a whole where something has changed meanwhile. */
  work?: (manager: EntityManager) => Promise<void>;
  /** The work leaves the address verified. */
  confirmsAddress?: true;
}

const MAX_TRIES = 3;

/** The end of every interactive login: somebody has proven who they are, and gets a session. */
@Injectable()
export class LogInCompletion {
  constructor(
    private readonly database: DataSource,
    private readonly moves: OrgMoves,
    private readonly issuer: SessionIssuer,
    private readonly sessions: SessionsRepository,
  ) {}

  /** Of an account in the org where it is; that may be one which has invited it, and is joined with this login. */
  async complete(user: UserFacts, proof: Proof, call: CallContext): Promise<{ token: AccessToken }> {
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      const place = await this.moves.placeOf(user, proof.confirmsAddress === true, call);
      try {
        return await this.begin(user, place, proof, call);
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error;
      }
    }
    throw unavailable('Your organisation is changing at the moment. Try again.');
  }

  /** As `complete`, in the org of before: of devices, whose approval was given there. */
  async completeInPlace(user: UserFacts, proof: Proof, call: CallContext): Promise<{ token: AccessToken }> {
    return this.begin(user, user, proof, call);
  }

  /** The token is signed before anything is written, and opens nothing unless all of it is. */
  private async begin(
    user: UserFacts,
    { orgId, role, enter }: Place,
    { kind, method, work }: Proof,
    call: CallContext,
  ): Promise<{ token: AccessToken }> {
    const { session, token } = await this.issuer.issueToUser({ ...user, orgId, role }, kind, call);
    await transaction(this.database, async (manager) => {
      await work?.(manager);
      await enter?.(manager);
      await this.sessions.insert(manager, [session]);
      await commitEvents(manager, [authSuccess(session, method, originOf(call))]);
    });
    return { token };
  }
}
