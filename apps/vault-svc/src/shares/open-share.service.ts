import { Injectable } from '@nestjs/common';
import type { StatedPrincipal } from '@oneclaw/caller';
import { BoundedQueue } from '@oneclaw/coalesce';
import { internal, unavailable } from '@oneclaw/errors';
import type { OutboxEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { accessSubjectOf } from '../access/access-subject.js';
import { RefusalTrail, type Refused } from '../audit/refusal-trail.js';
import { compileAllowlist, outsideBounds } from '../policies/engine/index.js';
import { PrincipalCheck } from '../policies/principal-check.js';
import { ReadSecretsService } from '../secrets/read-secrets.service.js';
import type { FoundVersion, SecretRead } from '../secrets/secret-read.js';
import type { Share } from './share.entity.js';
import { accessMail, accessedEvent, shareAttempt, visitorOf } from './share-events.js';
import { SharePassphrases } from './share-passphrases.js';
import * as refusals from './share-refusals.js';
import { standingOf } from './share-standing.js';
import { SharesRepository } from './shares.repository.js';

export interface Opening {
  shareId: string;
  /** Undefined = none was given. */
  passphrase: string | undefined;
  /** auth-svc's word on whoever shared; empty where they may not act any more. */
  sharerFacts: string;
}

export interface OpenedShare {
  share: Share;
  version: FoundVersion;
  value: Buffer;
  /** This access included. */
  accessCount: number;
}

/** Reads by shares at once; each holds a connection while it waits for others of its share. The rest of the pool is for others. */
const CONCURRENCY = 4;
const MAX_WAITING = 500;

/**
 * Opens shares for whoever comes with their id. A share lends the right of whoever made it, as that right is now: the read behind it is
 * decided, opened, counted and recorded like a read of theirs.
 */
@Injectable()
export class OpenShareService {
  private readonly queue = new BoundedQueue({
    concurrency: CONCURRENCY,
    maxWaiting: MAX_WAITING,
    onOverflow: () => unavailable('Too many shares are opened at once. Try again in a moment.'),
  });

  constructor(
    private readonly database: DataSource,
    private readonly shares: SharesRepository,
    private readonly principals: PrincipalCheck,
    private readonly passphrases: SharePassphrases,
    private readonly reads: ReadSecretsService,
    private readonly trail: RefusalTrail,
  ) {}

  /** Also a share that is over: that is said, and recorded, when it is opened. */
  async find(shareId: string): Promise<Share> {
    const share = await this.shares.find(this.database, shareId);
    if (!share) throw refusals.noShare();
    return share;
  }

  /** Refusals are in the trail of the share's org before they are told. */
  async open({ shareId, passphrase, sharerFacts }: Opening, call: CallContext): Promise<OpenedShare> {
    const share = await this.find(shareId);
    return await this.trail.guard(shareAttempt('share.access', share, call), async () => {
      refuseVisitor(share, call);
      const sharer = await this.sharerOf(share, sharerFacts);
      await this.checkPassphrase(share, passphrase);
      refuseOver(share);
      return await this.queue.run(() => this.read(share, sharer, call));
    });
  }

  private async sharerOf({ sharer, orgId }: Share, sharerFacts: string): Promise<StatedPrincipal> {
    const stated = await this.principals.factsOf(sharerFacts, { ...sharer, orgId });
    if (!stated) throw refusals.SHARER_GONE;
    return stated;
  }

  private async checkPassphrase({ id, passphraseHash }: Share, guess: string | undefined): Promise<void> {
    if (passphraseHash === null) return;
    if (guess === undefined) throw refusals.PASSPHRASE_MISSING;
    if (!(await this.passphrases.verify(id, passphraseHash, guess))) throw refusals.PASSPHRASE_WRONG;
  }

  private async read(share: Share, sharer: StatedPrincipal, call: CallContext): Promise<OpenedShare> {
    if (call.deadline <= Date.now()) throw unavailable('The share had to wait for too long. Try again in a moment.');
    const opened = { accessCount: 0 };
    const { orgId, vaultId, path } = share;
    const read: SecretRead = {
      by: { caller: sharer, ipAddress: call.clientIp, requestId: call.requestId },
      vaultId,
      path,
      requestedVersion: 0,
      lending: {
        shareId: share.id,
        actor: visitorOf(call.caller, orgId),
        reader: call.caller,
        lock: (manager) => this.lock(share, manager),
        settle: async (manager, { version }) => {
          const { accessCount, mailDue } = await this.shares.count(manager, orgId, share.id);
          opened.accessCount = accessCount;
          const events: OutboxEvent[] = [
            accessedEvent(shareAttempt('share.access', share, call), version, accessCount),
          ];
          if (mailDue && sharer.email) events.push(accessMail(share, sharer.email, accessCount, call));
          return events;
        },
      },
    };
    await this.reads.read([read], call);
    const { error, value, found } = read;
    if (error) throw error;
    if (!value || !found?.version) throw internal('a read ended with neither a value nor an error');
    return { share, version: found.version, value, ...opened };
  }

  /** What may have changed since the share was found; from here on it does not change. */
  private async lock({ orgId, id }: Share, manager: EntityManager): Promise<Refused | undefined> {
    const now = await this.shares.lock(manager, orgId, id);
    if (!now) return refusals.noShare('over');
    if (now.expired) return refusals.EXPIRED;
    return now.maxAccessCount !== null && now.accessCount >= now.maxAccessCount ? refusals.USED_UP : undefined;
  }
}

/** By who comes, and from where. */
function refuseVisitor(share: Share, { caller, clientIp }: CallContext): void {
  if (share.revoked) throw refusals.noShare('revoked');
  if (share.declined) throw refusals.noShare('declined');
  if (share.recipient.type !== 'anyone_with_link') {
    const standing = standingOf(caller, share);
    if (standing === 'unverified') throw refusals.NOT_VERIFIED;
    if (standing !== 'recipient' || !caller) throw refusals.NOT_RECIPIENT;
    if (share.acceptedBy !== caller.id) throw refusals.NOT_ACCEPTED;
    if (outsideBounds(accessSubjectOf(caller), share.vaultId, share.path.split('/'))) throw refusals.OUTSIDE_BOUNDS;
  }
  if (share.ipAllowlist.length > 0 && !compileAllowlist(share.ipAllowlist).includes(clientIp))
    throw refusals.WRONG_ADDRESS;
}

function refuseOver({ expiresAt, maxAccessCount, accessCount, secretDeleted }: Share): void {
  if (expiresAt.getTime() <= Date.now()) throw refusals.EXPIRED;
  if (maxAccessCount !== null && accessCount >= maxAccessCount) throw refusals.USED_UP;
  if (secretDeleted) throw refusals.DELETED;
}
