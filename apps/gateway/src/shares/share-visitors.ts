import { Inject, Injectable } from '@nestjs/common';
import { permissionDenied } from '@oneclaw/errors';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import type { VisitorCall } from '../api/api-call.js';
import { covers } from '../api/key-scope.js';
import { RefusalRecorder } from '../sessions/refusal-recorder.js';
import type { Session } from '../sessions/session.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { Visits } from '../usage/visits.js';
import { accessShare } from './shares.operations.js';

const NOT_COVERED = 'The scopes of this API key do not cover this.';

/** Who comes to open a share. */
@Injectable()
export class ShareVisitors {
  constructor(
    private readonly sessions: SessionsService,
    private readonly refusals: RefusalRecorder,
    private readonly visits: Visits,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Nobody where there is no token, or a bad one. A personal API key whose scopes are about something else is nobody too, unless the
   * share is for somebody: then it is refused like everywhere else.
   */
  async identify(call: VisitorCall, shareId: string, hasRecipient: boolean): Promise<Session | undefined> {
    const session = await this.sessions.identify(call.credentials);
    if (!session?.scoped || covers(session.areaScopes, accessShare.keyScope)) return session;
    if (!hasRecipient) return undefined;
    const refused = { id: call.requestId, clientIp: call.clientIp, params: { share_id: shareId } };
    await this.refusals.record(refused, accessShare, session, NOT_COVERED);
    throw permissionDenied(NOT_COVERED);
  }

  /** For the org whose share was opened. The visitor does not wait for that, and has the secret whether it succeeds or not. */
  count(orgId: string, { requestId }: VisitorCall): void {
    this.visits.count(orgId, accessShare, accessShare.answer.status).catch((error: unknown) => {
      this.logger.error({ err: error, requestId, orgId }, 'an opened share could not be counted');
    });
  }
}
