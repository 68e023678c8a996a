import { Inject, Injectable } from '@nestjs/common';
import { PrincipalVerifier, TokenRefused, type AttestedPrincipal } from '@oneclaw/caller';
import { invalid } from '@oneclaw/errors';
import { LOGGER, type Logger } from '@oneclaw/telemetry';

/** Whether a principal exists, on auth-svc's signed word. */
@Injectable()
export class PrincipalCheck {
  constructor(
    private readonly verifier: PrincipalVerifier,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Throws `invalid_argument` where the attestation is empty or speaks of another principal. */
  async check(attestation: string, principal: AttestedPrincipal): Promise<void> {
    const attested = attestation === '' ? undefined : await this.verify(attestation);
    const same =
      attested?.type === principal.type && attested.id === principal.id && attested.orgId === principal.orgId;
    if (same) return;
    throw invalid('The policy is not valid.', {
      principal_id: `there is no such ${principal.type} in this organisation`,
    });
  }

  private async verify(attestation: string): Promise<AttestedPrincipal | undefined> {
    try {
      return await this.verifier.verify(attestation);
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      this.logger.warn({ reason: error.reason }, 'a principal attestation was refused');
      return undefined;
    }
  }
}
