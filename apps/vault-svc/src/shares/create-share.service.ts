import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { invalid, notFound, rateLimited } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import { Refused } from '../audit/refusal-trail.js';
import { EffectivePolicies } from '../policies/effective-policies.js';
import { PrincipalCheck } from '../policies/principal-check.js';
import { refusalOf } from '../secrets/read-rules.js';
import { SecretReadsRepository } from '../secrets/secret-reads.repository.js';
import type { SecretRead } from '../secrets/secret-read.js';
import { ShareCreationsRepository } from './share-creations.repository.js';
import type { ListedShare, NewShare } from './share.entity.js';
import { createdEvent, invitationMail } from './share-events.js';
import type { ShareInput } from './share-input.js';
import { SharePassphrases } from './share-passphrases.js';
import { SharesRepository } from './shares.repository.js';

/** Shares a secret: for those who may read it now, by the same rules. */
@Injectable()
export class CreateShareService {
  constructor(
    private readonly database: DataSource,
    private readonly shares: SharesRepository,
    private readonly creations: ShareCreationsRepository,
    private readonly secrets: SecretReadsRepository,
    private readonly effective: EffectivePolicies,
    private readonly principals: PrincipalCheck,
    private readonly passphrases: SharePassphrases,
  ) {}

  /** @param attestation auth-svc's word that a recipient who is named by id exists in the org. */
  async create(caller: Caller, input: ShareInput, attestation: string, call: CallContext): Promise<ListedShare> {
    const { vaultId, path, version } = await this.findReadable(caller, input.secretId, call);
    await this.checkRecipient(caller, input, attestation);
    const passphraseHash = await this.hashOf(caller, input);
    const { secretId, recipient, maxAccessCount, expiresAt, ipAllowlist } = input;
    const sharer = { type: caller.type, id: caller.id };
    const terms = { recipient, maxAccessCount, expiresAt, ipAllowlist, passphraseHash };
    const share: NewShare = { id: randomUUID(), secretId, secretVersion: version, sharer, ...terms };
    const createdAt = await transaction(this.database, async (manager) => {
      refuseWhile(await this.creations.take(manager, caller.orgId));
      const at = await this.shares.insert(manager, caller.orgId, share);
      const mails = recipient.type === 'external_email' ? [invitationMail(share, caller)] : [];
      await commitEvents(manager, [createdEvent({ ...share, vaultId, path }, caller, call), ...mails]);
      return at;
    });
    return toListed(share, path, createdAt);
  }

  private async findReadable(caller: Caller, secretId: string, call: CallContext) {
    const secret = await this.shares.findSecret(this.database, caller.orgId, secretId);
    if (!secret) throw new Refused(notFound('Secret'), 'secret_not_found');
    const by = { caller, ipAddress: call.clientIp, requestId: call.requestId };
    const read: SecretRead = { by, ...secret, requestedVersion: 0 };
    const [found] = await this.secrets.find(this.database, [read]);
    read.found = found ?? {};
    const { vault } = read.found;
    const [policies = []] = vault ? await this.effective.find([{ caller, vault }]) : [];
    const refusal = refusalOf(read, policies, Date.now());
    if (refusal) throw refusal;
    return { ...secret, version: read.found.version?.version as number };
  }

  private async checkRecipient(caller: Caller, { recipient }: ShareInput, attestation: string): Promise<void> {
    if (recipient.type !== 'user' && recipient.type !== 'agent') return;
    const { type, id } = recipient;
    if (id !== null && (await this.principals.exists(attestation, { type, id, orgId: caller.orgId }))) return;
    throw invalid('The share is not valid.', { recipient_id: `there is no such ${type} in this organisation` });
  }

  /** Hashing costs more than everything else here: whoever makes too many shares is refused before it. */
  private async hashOf({ orgId }: Caller, { passphrase }: ShareInput): Promise<string | null> {
    if (passphrase === undefined) return null;
    refuseWhile(await this.creations.look(this.database, orgId));
    return await this.passphrases.hash(passphrase);
  }
}

function refuseWhile(seconds: number): void {
  if (seconds > 0) throw rateLimited('Your organisation makes too many shares. Try again in a minute.', seconds);
}

function toListed(share: NewShare, path: string, createdAt: Date): ListedShare {
  const { id, recipient, maxAccessCount, expiresAt } = share;
  const about = { id, path, recipientType: recipient.type, recipientEmail: recipient.email, maxAccessCount, expiresAt };
  return { ...about, accessCount: 0, createdAt, isExpired: false, isAccepted: false };
}
