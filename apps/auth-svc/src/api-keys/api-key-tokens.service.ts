import { Injectable } from '@nestjs/common';
import type { AccessToken } from '@oneclaw/contracts/auth';
import { transaction } from '@oneclaw/database';
import { type DomainError, unauthenticated } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { originOf } from '../audit/audit-trail.js';
import { authFailure, authSuccess } from '../audit/auth-events.js';
import { commitEvents } from '../audit/commit-events.js';
import { SessionIssuer } from '../sessions/session-issuer.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';
import { ApiKeyFinder, type ApiKeyVerdict } from './api-key-finder.js';
import { ApiKeysRepository } from './api-keys.repository.js';

/** From personal API keys to tokens. A token can do what its key can do, and no longer than the key can. */
@Injectable()
export class ApiKeyTokensService {
  constructor(
    private readonly database: DataSource,
    private readonly finder: ApiKeyFinder,
    private readonly issuer: SessionIssuer,
    private readonly sessions: SessionsRepository,
    private readonly keys: ApiKeysRepository,
  ) {}

  async exchange(apiKey: string, call: CallContext): Promise<AccessToken> {
    const verdict = (await this.finder.judge([apiKey], call)).get(apiKey) as ApiKeyVerdict;
    if (!verdict.accepted) throw await this.refuse(verdict, call);
    const { session, token } = await this.issuer.issueToKeyHolder(verdict.holder, call);
    await transaction(this.database, async (manager) => {
      await this.sessions.insert(manager, [session]);
      await this.keys.touch(manager, [verdict.holder.keyId]);
      await commitEvents(manager, [authSuccess(session, 'api_key', originOf(call))]);
    });
    return token;
  }

  /** Commits the failure and answers the one error there is. */
  private async refuse(
    { reason, holder }: Extract<ApiKeyVerdict, { accepted: false }>,
    call: CallContext,
  ): Promise<DomainError> {
    const tried = { resourceType: 'api_key', orgId: holder?.orgId, resourceId: holder?.keyId };
    await commitEvents(this.database.manager, [authFailure({ ...tried, method: 'api_key', reason }, originOf(call))]);
    return unauthenticated();
  }
}
