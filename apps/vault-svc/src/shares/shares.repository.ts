import { Injectable } from '@nestjs/common';
import type { Caller, PrincipalType } from '@oneclaw/caller';
import { execute, query, type Executor } from '@oneclaw/database';
import type { ListedShare, NewShare, Recipient, Share, Sharer } from './share.entity.js';

const INSERT = `
  INSERT INTO shares (id, org_id, secret_id, secret_version, created_by_type, created_by, recipient_type, recipient_id,
    recipient_email, recipient_email_canonical, max_access_count, expires_at, passphrase_hash, ip_allowlist)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
  RETURNING created_at AS "createdAt"`;

const FIND = `
  SELECT s.id, s.org_id AS "orgId", s.secret_id AS "secretId", s.secret_version AS "secretVersion",
    sec.vault_id AS "vaultId", sec.path, s.created_by_type AS "sharerType", s.created_by AS "sharerId",
    s.recipient_type AS "recipientType", s.recipient_id AS "recipientId", s.recipient_email AS "recipientEmail",
    s.recipient_email_canonical AS "recipientEmailCanonical", s.max_access_count AS "maxAccessCount",
    s.access_count AS "accessCount", s.expires_at AS "expiresAt", s.passphrase_hash AS "passphraseHash",
    s.ip_allowlist AS "ipAllowlist", s.accepted_by AS "acceptedBy", s.declined_at IS NOT NULL AS declined,
    s.revoked_at IS NOT NULL AS revoked, sec.deleted_through >= s.secret_version AS "secretDeleted", s.created_at AS "createdAt"
  FROM shares s
  JOIN secrets sec ON sec.id = s.secret_id AND sec.org_id = s.org_id
  JOIN vaults v ON v.id = sec.vault_id AND v.deleted_at IS NULL
  WHERE s.id = $1`;

/** Of a secret that was ever written, in a vault that lives. */
const FIND_SECRET = `
  SELECT s.vault_id AS "vaultId", s.path FROM secrets s JOIN vaults v ON v.id = s.vault_id AND v.deleted_at IS NULL
  WHERE s.org_id = $1 AND s.id = $2`;

/** Newest first. */
const list = (whose: string, accepted: string) => `
  SELECT s.id, sec.vault_id AS "vaultId", sec.path, s.recipient_type AS "recipientType", s.recipient_email AS "recipientEmail",
    s.access_count AS "accessCount", s.max_access_count AS "maxAccessCount", s.expires_at AS "expiresAt",
    s.created_at AS "createdAt", s.expires_at <= clock_timestamp() AS "isExpired",
    coalesce(${accepted}, false) AS "isAccepted", (extract(epoch FROM s.created_at) * 1000000)::float8 AS "createdAtMicros"
  FROM shares s
  JOIN secrets sec ON sec.id = s.secret_id
  JOIN vaults v ON v.id = sec.vault_id AND v.deleted_at IS NULL
  WHERE ${whose} AND s.revoked_at IS NULL AND s.declined_at IS NULL
    AND ($1::float8 IS NULL OR (s.created_at, s.id) < ('epoch'::timestamptz + $1 * interval '1 microsecond', $2::uuid))
  ORDER BY s.created_at DESC, s.id DESC LIMIT $3`;

const LIST_MADE = list('s.org_id = $4 AND s.created_by_type = $5 AND s.created_by = $6', 's.accepted_by IS NOT NULL');

/** An account that came to own an address later has not accepted what another one accepted with it. */
const LIST_RECEIVED = list(
  `s.id IN (
    SELECT id FROM shares WHERE recipient_id = $6 AND org_id = $4 AND (recipient_type = 'agent') = ($5 = 'agent')
    UNION ALL SELECT id FROM shares WHERE recipient_email_canonical = $7)`,
  's.accepted_by = $6',
);

const ACCEPT = `
  UPDATE shares SET accepted_by = $3 WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL AND declined_at IS NULL`;

const DECLINE = `
  UPDATE shares SET declined_at = coalesce(declined_at, clock_timestamp())
  WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL`;

const REVOKE = `
  UPDATE shares SET revoked_at = clock_timestamp()
  WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL AND declined_at IS NULL`;

const LOCK = `
  SELECT access_count AS "accessCount", max_access_count AS "maxAccessCount", expires_at <= clock_timestamp() AS expired
  FROM shares WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL AND declined_at IS NULL FOR NO KEY UPDATE`;

/** Mails about accesses of one share in an hour; the lists show what came after. */
const MAILS_PER_HOUR = 10;
const WITHIN_HOUR = "mails_since > clock_timestamp() - interval '1 hour'";

const COUNT = `
  UPDATE shares SET access_count = access_count + 1,
    mails = CASE WHEN ${WITHIN_HOUR} THEN least(mails + 1, ${MAILS_PER_HOUR + 1}) ELSE 1 END,
    mails_since = CASE WHEN ${WITHIN_HOUR} THEN mails_since ELSE clock_timestamp() END
  WHERE org_id = $1 AND id = $2
  RETURNING access_count AS "accessCount", mails <= ${MAILS_PER_HOUR} AS "mailDue"`;

const DELETE_OF = `
  DELETE FROM shares WHERE org_id = $1 AND ($4::timestamptz IS NULL OR created_at <= $4)
    AND ((created_by_type = $2 AND created_by = $3)
      OR (recipient_id = $3 AND (recipient_type = 'agent') = ($2 = 'agent')))`;

/** What nobody asks about any more. */
const PRUNE = `
  DELETE FROM shares WHERE id IN (
    SELECT id FROM shares WHERE expires_at < clock_timestamp() - interval '90 days' LIMIT $1 FOR UPDATE SKIP LOCKED)`;

/** Position in a list: the last row of the page before. */
export interface SharePosition {
  createdAtMicros: number;
  id: string;
}

export type ShareRow = ListedShare & SharePosition & { vaultId: string };

interface FoundRow extends Omit<Share, 'sharer' | 'recipient'> {
  sharerType: Sharer['type'];
  sharerId: string;
  recipientType: Recipient['type'];
  recipientId: string | null;
  recipientEmail: string | null;
  recipientEmailCanonical: string | null;
}

/** Shares belong to the org of their secret. */
@Injectable()
export class SharesRepository {
  async insert(executor: Executor, orgId: string, share: NewShare): Promise<Date> {
    const { id, secretId, secretVersion, sharer, recipient, maxAccessCount, expiresAt, passphraseHash } = share;
    const rows = await query<{ createdAt: Date }>(executor, INSERT, [
      ...[id, orgId, secretId, secretVersion, sharer.type, sharer.id],
      ...[recipient.type, recipient.id, recipient.email, recipient.emailCanonical],
      ...[maxAccessCount, expiresAt, passphraseHash, share.ipAllowlist],
    ]);
    return (rows[0] as { createdAt: Date }).createdAt;
  }

  /** Without an org: whoever has the id may ask, and what it opens is judged afterwards. Not where the vault is gone. */
  async find(executor: Executor, id: string): Promise<Share | undefined> {
    const [row] = await query<FoundRow>(executor, FIND, [id]);
    return row && toShare(row);
  }

  async findSecret(executor: Executor, orgId: string, secretId: string) {
    const [secret] = await query<{ vaultId: string; path: string }>(executor, FIND_SECRET, [orgId, secretId]);
    return secret;
  }

  /** By the caller. */
  async listMade(executor: Executor, { orgId, type, id }: Caller, after: SharePosition | undefined, limit: number) {
    const page = [after?.createdAtMicros ?? null, after?.id ?? null, limit];
    return await query<ShareRow>(executor, LIST_MADE, [...page, orgId, type, id]);
  }

  /** Addressed to the caller, or to a verified address that is the caller's. */
  async listReceived(
    executor: Executor,
    { orgId, type, id }: Caller,
    emailCanonical: string | null,
    after: SharePosition | undefined,
    limit: number,
  ) {
    const page = [after?.createdAtMicros ?? null, after?.id ?? null, limit];
    return await query<ShareRow>(executor, LIST_RECEIVED, [...page, orgId, type, id, emailCanonical]);
  }

  /** False where it is over. */
  async accept(executor: Executor, orgId: string, id: string, accountId: string): Promise<boolean> {
    return (await execute(executor, ACCEPT, [orgId, id, accountId])) === 1;
  }

  /** Repeatable. False where it was revoked. */
  async decline(executor: Executor, orgId: string, id: string): Promise<boolean> {
    return (await execute(executor, DECLINE, [orgId, id])) === 1;
  }

  /** False where it is over. */
  async revoke(executor: Executor, orgId: string, id: string): Promise<boolean> {
    return (await execute(executor, REVOKE, [orgId, id])) === 1;
  }

  /** Of a share that is not over; nobody else opens, revokes or declines it until the end of the transaction. */
  async lock(executor: Executor, orgId: string, id: string) {
    type Locked = Pick<Share, 'accessCount' | 'maxAccessCount'> & { expired: boolean };
    const [locked] = await query<Locked>(executor, LOCK, [orgId, id]);
    return locked;
  }

  /** Of a share that is locked. Answers the count with this access, and whether to tell the sharer by mail. */
  async count(executor: Executor, orgId: string, id: string): Promise<{ accessCount: number; mailDue: boolean }> {
    const rows = await query<{ accessCount: number; mailDue: boolean }>(executor, COUNT, [orgId, id]);
    return rows[0] as { accessCount: number; mailDue: boolean };
  }

  /** What somebody shared in the org, and what was shared there with them by id; `through` leaves what came later. */
  async deleteOf(executor: Executor, orgId: string, type: PrincipalType, id: string, through?: Date): Promise<void> {
    await execute(executor, DELETE_OF, [orgId, type, id, through ?? null]);
  }

  /** Whoever made them. */
  async deleteAllOfOrg(executor: Executor, orgId: string, through: Date | undefined): Promise<void> {
    await execute(executor, 'DELETE FROM shares WHERE org_id = $1 AND created_at <= $2', [
      orgId,
      through ?? new Date(),
    ]);
  }

  /** Answers how many went. Replicas may prune at once. */
  async prune(executor: Executor, limit: number): Promise<number> {
    return await execute(executor, PRUNE, [limit]);
  }
}

function toShare(row: FoundRow): Share {
  const { sharerType, sharerId, recipientType, recipientId, recipientEmail, recipientEmailCanonical, ...rest } = row;
  return {
    ...rest,
    sharer: { type: sharerType, id: sharerId },
    recipient: { type: recipientType, id: recipientId, email: recipientEmail, emailCanonical: recipientEmailCanonical },
  };
}
