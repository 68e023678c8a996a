import { Injectable } from '@nestjs/common';
import {
  type Caller,
  PRINCIPAL_ATTESTATION,
  type PrincipalType,
  type StatedPrincipal,
  encodePrincipalFacts,
} from '@oneclaw/caller';
import type { AttestPrincipalRequest, StatePrincipalRequest } from '@oneclaw/contracts/auth';
import { TokenKind } from '@oneclaw/contracts/crypto';
import { invalid } from '@oneclaw/errors';
import type { OutgoingCall } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { AgentsRepository } from '../agents/agents.repository.js';
import { pathScopesOf } from '../sessions/current-caller.js';
import { TokenSigner } from '../tokens/token-signer.js';
import { PrincipalsRepository } from './principals.repository.js';

/** Tells other services, by signed statements, who exists in an org, and what bounds them. */
@Injectable()
export class DirectoryService {
  constructor(
    private readonly database: DataSource,
    private readonly accounts: AccountsRepository,
    private readonly agents: AgentsRepository,
    private readonly principals: PrincipalsRepository,
    private readonly signer: TokenSigner,
  ) {}

  /** A principal attestation, or '' where the caller's org has no such principal. */
  async attest(caller: Caller, request: AttestPrincipalRequest, call: OutgoingCall): Promise<string> {
    const { type, id } = checkPrincipal(request);
    const exists =
      type === 'user'
        ? await this.accounts.isMember(this.database, caller.orgId, id)
        : (await this.agents.find(this.database, caller.orgId, id)) !== undefined;
    if (!exists) return '';
    const claims = attestationClaims(`${type}:${id}`, caller.orgId, nowInSeconds());
    return await this.sign(TokenKind.PRINCIPAL_ATTESTATION, claims, call);
  }

  /** What bounds a principal now; '' where the org has none such that may act. Whoever asks learns nothing else about it. */
  async state(request: StatePrincipalRequest, call: OutgoingCall): Promise<string> {
    const { type, id } = checkPrincipal(request);
    if (!isUuid(request.orgId)) throw invalid('The principal is not valid.', { org_id: 'is not a UUID' });
    const found = await this.find(request.orgId.toLowerCase(), type, id);
    if (!found) return '';
    return await this.sign(TokenKind.PRINCIPAL_FACTS, encodePrincipalFacts(found, nowInSeconds()), call);
  }

  private async find(orgId: string, type: PrincipalType, id: string): Promise<StatedPrincipal | undefined> {
    const record =
      type === 'user'
        ? await this.principals.findUser(this.database, orgId, id)
        : await this.principals.findAgent(this.database, orgId, id);
    if (!record) return undefined;
    const { scopes, vaultIds, intentsEnabled, email } = record;
    const bounds = { pathScopes: pathScopesOf(scopes ?? []), vaultIds: vaultIds ?? [] };
    const stated = { type, id, orgId, ...bounds, intentsEnabled: intentsEnabled === true };
    return email === null ? stated : { ...stated, email };
  }

  private async sign(kind: TokenKind, claims: object, call: OutgoingCall): Promise<string> {
    const [signed] = await this.signer.sign(kind, [claims], call);
    return signed as string;
  }
}

function checkPrincipal(named: { principalType: string; principalId: string }): { type: PrincipalType; id: string } {
  const { principalType: type, principalId } = named;
  if (type !== 'user' && type !== 'agent') {
    throw invalid('The principal is not valid.', { principal_type: 'must be user or agent' });
  }
  if (!isUuid(principalId)) throw invalid('The principal is not valid.', { principal_id: 'is not a UUID' });
  return { type, id: principalId.toLowerCase() };
}

function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

function attestationClaims(subject: string, orgId: string, now: number) {
  const { issuer, audience, lifetimeSeconds } = PRINCIPAL_ATTESTATION;
  return { iss: issuer, aud: audience, sub: subject, org: orgId, iat: now, exp: now + lifetimeSeconds };
}
