import { Injectable } from '@nestjs/common';
import { TokenRefused, tokenRefusal } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { invalid } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { looksPersonal } from '../api-keys/personal-key.js';
import { originOf } from '../audit/audit-trail.js';
import { authLogout } from '../audit/auth-events.js';
import { commitEvents } from '../audit/commit-events.js';
import { SessionTokens, type VerifiedSession } from '../tokens/session-tokens.js';
import { Invalidations } from './invalidations.js';
import { SessionsRepository } from './sessions.repository.js';

/** Ends sessions before their tokens expire. */
@Injectable()
export class RevokeService {
  constructor(
    private readonly database: DataSource,
    private readonly tokens: SessionTokens,
    private readonly sessions: SessionsRepository,
    private readonly invalidations: Invalidations,
  ) {}

  /** Repeatable: only the call that ends the session leaves an event. */
  async revoke(token: string, call: CallContext): Promise<void> {
    if (looksPersonal(token)) throw invalid('A personal API key ends with DELETE /v1/auth/api-keys/{key_id}.');
    const session = await this.verify(token);
    await transaction(this.database, async (manager) => {
      if (!(await this.sessions.revoke(manager, session.jti))) return;
      await commitEvents(manager, [authLogout({ ...session, id: session.jti }, originOf(call))]);
      await this.invalidations.add(manager, [`jti:${session.jti}`]);
    });
  }

  private async verify(token: string): Promise<VerifiedSession> {
    try {
      return await this.tokens.verify(token);
    } catch (error) {
      if (error instanceof TokenRefused) throw tokenRefusal(error);
      throw error;
    }
  }
}
