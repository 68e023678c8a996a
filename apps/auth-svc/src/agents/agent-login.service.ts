import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { AccessToken } from '@oneclaw/contracts/auth';
import { unauthenticated } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { originOf } from '../audit/audit-trail.js';
import { authFailure, authSuccess, type AuthMethod } from '../audit/auth-events.js';
import { commitEvents } from '../audit/commit-events.js';
import { ClientAssertions } from '../oidc/client-assertions.js';
import type { AgentAuthMethod } from './agent.entity.js';
import { AgentLoginsRepository, type LoginSubject } from './agent-logins.repository.js';
import { AgentSessions } from './agent-sessions.js';

/** Why a proof proves nothing, for the trail; `undefined` = it does. */
type Check = (subject: LoginSubject) => Promise<string | undefined> | string | undefined;

interface Method {
  agentMethod: AgentAuthMethod;
  trailMethod: AuthMethod;
}

const FINGERPRINT_BYTES = 32;
const CERTIFICATE: Method = { agentMethod: 'mtls', trailMethod: 'client_certificate' };
const ASSERTION: Method = { agentMethod: 'oidc_client_credentials', trailMethod: 'client_assertion' };

/** Tokens for agents that prove themselves by a certificate or by a statement of their issuer. */
@Injectable()
export class AgentLoginService {
  constructor(
    private readonly database: DataSource,
    private readonly logins: AgentLoginsRepository,
    private readonly assertions: ClientAssertions,
    private readonly sessions: AgentSessions,
  ) {}

  async withCertificate(agentId: string, fingerprint: Buffer, call: CallContext): Promise<AccessToken> {
    return this.logIn(agentId, CERTIFICATE, call, ({ clientCertFingerprint }) =>
      isSame(clientCertFingerprint ?? '', fingerprint) ? undefined : 'wrong_certificate',
    );
  }

  async withAssertion(agentId: string, assertion: string, call: CallContext): Promise<AccessToken> {
    return this.logIn(agentId, ASSERTION, call, ({ orgId, oidcIssuer, oidcClientId }) =>
      this.assertions.problemOf(assertion, { issuer: oidcIssuer ?? '', clientId: oidcClientId ?? '', orgId }),
    );
  }

  /** One answer for everything that is wrong; what it was is in the trail. An unknown agent is not kept. */
  private async logIn(agentId: string, method: Method, call: CallContext, check: Check): Promise<AccessToken> {
    const subject = isUuid(agentId) ? await this.logins.find(this.database, agentId) : undefined;
    const reason = await reasonAgainst(subject, method, check);
    if (reason !== undefined || !subject) {
      const tried = { orgId: subject?.orgId, resourceType: 'agent', resourceId: subject?.agentId };
      const failure = { ...tried, method: method.trailMethod, reason: reason ?? 'unknown_agent' };
      await commitEvents(this.database.manager, [authFailure(failure, originOf(call))]);
      throw unauthenticated();
    }
    const [issued] = await this.sessions.issue([subject], call);
    if (!issued) throw unauthenticated();
    const origin = originOf(call);
    const tried = {
      method: method.trailMethod,
      orgId: subject.orgId,
      resourceType: 'agent',
      resourceId: subject.agentId,
    };
    const pending = {
      issued,
      holder: subject,
      success: authSuccess(issued.session, method.trailMethod, origin),
      refusal: (reason: string) => authFailure({ ...tried, reason }, origin),
    };
    const refused = (await this.sessions.commit([pending], [], call)).get(pending);
    if (refused) throw refused;
    return issued.token;
  }
}

async function reasonAgainst(
  subject: LoginSubject | undefined,
  method: Method,
  check: Check,
): Promise<string | undefined> {
  if (!subject) return 'unknown_agent';
  if (subject.authMethod !== method.agentMethod) return 'other_auth_method';
  if (!subject.usable) return 'inactive_or_expired';
  return check(subject);
}

function isSame(expectedHex: string, given: Buffer): boolean {
  const expected = Buffer.from(expectedHex, 'hex');
  return expected.length === FINGERPRINT_BYTES && given.length === expected.length && timingSafeEqual(expected, given);
}
