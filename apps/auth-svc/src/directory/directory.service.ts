import { Injectable } from '@nestjs/common';
import { type Caller, PRINCIPAL_ATTESTATION } from '@oneclaw/caller';
import type { AttestPrincipalRequest } from '@oneclaw/contracts/auth';
import { TokenKind } from '@oneclaw/contracts/crypto';
import { invalid } from '@oneclaw/errors';
import type { OutgoingCall } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { AgentsRepository } from '../agents/agents.repository.js';
import { TokenSigner } from '../tokens/token-signer.js';

/** Tells other services, by signed statements, who exists in an org. */
@Injectable()
export class DirectoryService {
  constructor(
    private readonly database: DataSource,
    private readonly accounts: AccountsRepository,
    private readonly agents: AgentsRepository,
    private readonly signer: TokenSigner,
  ) {}

  /** A principal attestation, or '' where the caller's org has no such principal. */
  async attest(
    caller: Caller,
    { principalType, principalId }: AttestPrincipalRequest,
    call: OutgoingCall,
  ): Promise<string> {
    if (principalType !== 'user' && principalType !== 'agent') {
      throw invalid('The principal is not valid.', { principal_type: 'must be user or agent' });
    }
    if (!isUuid(principalId)) throw invalid('The principal is not valid.', { principal_id: 'is not a UUID' });
    const id = principalId.toLowerCase();
    const exists =
      principalType === 'user'
        ? await this.accounts.isMember(this.database, caller.orgId, id)
        : (await this.agents.find(this.database, caller.orgId, id)) !== undefined;
    if (!exists) return '';
    const claims = attestationClaims(`${principalType}:${id}`, caller.orgId, Math.floor(Date.now() / 1000));
    const [attestation] = await this.signer.sign(TokenKind.PRINCIPAL_ATTESTATION, [claims], call);
    return attestation as string;
  }
}

function attestationClaims(subject: string, orgId: string, now: number) {
  const { issuer, audience, lifetimeSeconds } = PRINCIPAL_ATTESTATION;
  return { iss: issuer, aud: audience, sub: subject, org: orgId, iat: now, exp: now + lifetimeSeconds };
}
