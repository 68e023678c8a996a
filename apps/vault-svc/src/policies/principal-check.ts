import { Inject, Injectable } from '@nestjs/common';
import {
  PrincipalFactsVerifier,
  PrincipalVerifier,
  statementRefusal,
  TokenRefused,
  type AttestedPrincipal,
  type StatedPrincipal,
} from '@oneclaw/caller';
import { internal, invalid } from '@oneclaw/errors';
import { LOGGER, type Logger } from '@oneclaw/telemetry';

/** Whether a principal exists, and what bounds it, on auth-svc's signed word. */
@Injectable()
export class PrincipalCheck {
  constructor(
    private readonly verifier: PrincipalVerifier,
    private readonly factsVerifier: PrincipalFactsVerifier,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Throws `invalid_argument` where the attestation is empty or speaks of another principal. */
  async check(attestation: string, principal: AttestedPrincipal): Promise<void> {
    if (await this.exists(attestation, principal)) return;
    throw invalid('The principal is not valid.', {
      principal_id: `there is no such ${principal.type} in this organisation`,
    });
  }

  /** Not where the attestation is empty, not to be believed, or speaks of another principal. */
  async exists(attestation: string, principal: AttestedPrincipal): Promise<boolean> {
    const attested = attestation === '' ? undefined : await this.trusted(() => this.verifier.verify(attestation));
    return attested !== undefined && isSame(attested, principal);
  }

  /** Undefined where there are none: the principal may not act. Throws `internal` where they are not about it. */
  async factsOf(facts: string, principal: AttestedPrincipal): Promise<StatedPrincipal | undefined> {
    if (facts === '') return undefined;
    const stated = await this.trusted(() => this.factsVerifier.verify(facts));
    if (stated && isSame(stated, principal)) return stated;
    throw internal('the facts about a principal are not to be believed');
  }

  private async trusted<T>(verify: () => Promise<T>): Promise<T | undefined> {
    try {
      return await verify();
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      const refusal = statementRefusal(error);
      if (refusal.code === 'unavailable') throw refusal;
      this.logger.warn({ reason: error.reason }, 'a statement about a principal was refused');
      return undefined;
    }
  }
}

function isSame(one: AttestedPrincipal, other: AttestedPrincipal): boolean {
  return one.type === other.type && one.id === other.id && one.orgId === other.orgId;
}
