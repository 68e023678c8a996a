import { Inject, Injectable } from '@nestjs/common';
import type { Role } from '@oneclaw/caller';
import { isDomainError } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import { DataSource, type EntityManager } from 'typeorm';
import { v4 as uuidv4 } from 'uuid';
import type { UserFacts } from '../sessions/session-issuer.js';
import { OrgMove } from './org-move.js';
import { OrgMovesRepository } from './org-moves.repository.js';
import { OrgUse } from './org-use.js';

/** The org in which somebody begins a session, and their role there. */
export interface Place {
  orgId: string;
  role: Role;
  /** Takes them there, in the transaction that begins the session. Throws Overtaken. */
  enter?: (manager: EntityManager) => Promise<void>;
}

/** Where logins lead: to the org where somebody is, or to one that invites them, if theirs is empty. */
@Injectable()
export class OrgMoves {
  constructor(
    private readonly database: DataSource,
    private readonly moves: OrgMovesRepository,
    private readonly use: OrgUse,
    private readonly move: OrgMove,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @param confirmed the address is verified in the transaction that begins the session, if it is not already */
  async placeOf(user: UserFacts, confirmed: boolean, call: CallContext): Promise<Place> {
    const standing = await this.moves.findStanding(this.database, user.id, confirmed);
    // An account that is only opened with this session.
    if (!standing) return { orgId: user.orgId, role: user.role };
    const { orgId, role, offer } = standing;
    const id = offer && (await this.hold(orgId, user.id, call));
    if (!offer || !id) return { orgId, role };
    const move = { id, userId: user.id, from: orgId, offer };
    return { orgId: offer.orgId, role: offer.role, enter: (manager) => this.move.make(manager, move, call) };
  }

  /** The id of a hold on the org; `undefined` where it is in use, or vault-svc does not say: then the invitation waits. */
  private async hold(orgId: string, userId: string, call: CallContext): Promise<string | undefined> {
    if (!(await this.use.isBare(this.database, orgId, userId))) return undefined;
    const id = uuidv4();
    await this.moves.begin(this.database, id, orgId);
    try {
      if (await this.use.hold(orgId, id, call)) return id;
      await this.moves.forget(this.database, id);
    } catch (error) {
      if (!isDomainError(error, 'unavailable')) throw error;
      this.logger.warn({ requestId: call.requestId, err: error }, 'an invitation waits for the next login');
    }
    return undefined;
  }
}
