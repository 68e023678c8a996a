import { Injectable } from '@nestjs/common';
import {
  PrincipalFactsVerifier,
  PrincipalVerifier,
  statementRefusal,
  TokenRefused,
  type AttestedPrincipal,
  type StatedPrincipal,
} from '@oneclaw/caller';
import { internal, invalid } from '@oneclaw/errors';

/**
 * Whether a principal exists, and what bounds it, on auth-svc's signed word. The gateway hands that on, so that no caller is to blame for it:
 * where its time is wrong our clocks differ, `unavailable`; where it is not auth-svc's word at all, `internal`.
 */
@Injectable()
export class PrincipalCheck {
  constructor(
    private readonly verifier: PrincipalVerifier,
    private readonly factsVerifier: PrincipalFactsVerifier,
  ) {}

  /** Throws `invalid_argument` where the attestation is empty or speaks of another principal. */
  async check(attestation: string, principal: AttestedPrincipal): Promise<void> {
    if (await this.exists(attestation, principal)) return;
    throw invalid('The principal is not valid.', {
      principal_id: `there is no such ${principal.type} in this organisation`,
    });
  }

  /** Not where the attestation is empty or speaks of another principal. */
  async exists(attestation: string, principal: AttestedPrincipal): Promise<boolean> {
    if (attestation === '') return false;
    return isSame(await this.trusted(() => this.verifier.verify(attestation)), principal);
  }

  /** Undefined where there are none: the principal may not act. Throws `internal` where they are not about it. */
  async factsOf(facts: string, principal: AttestedPrincipal): Promise<StatedPrincipal | undefined> {
    if (facts === '') return undefined;
    const stated = await this.trusted(() => this.factsVerifier.verify(facts));
    if (isSame(stated, principal)) return stated;
    throw internal('the facts are about another principal');
  }

  private async trusted<T>(verify: () => Promise<T>): Promise<T> {
    try {
      return await verify();
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      const refusal = statementRefusal(error);
      throw refusal.code === 'unavailable'
        ? refusal
        : internal('a statement about a principal is not auth-svc’s', error);
    }
  }
}

function isSame(one: AttestedPrincipal, other: AttestedPrincipal): boolean {
  return one.type === other.type && one.id === other.id && one.orgId === other.orgId;
}
