import { Injectable } from '@nestjs/common';
import type { Role } from '@oneclaw/caller';
import { execute, query, type Executor } from '@oneclaw/database';
import type { Invitation, NewInvitation, Offer } from './invitation.entity.js';

const COLUMNS = `
  id, email, role, invited_by AS "invitedBy", created_at AS "createdAt", expires_at AS "expiresAt"`;
const OFFER = `id, org_id AS "orgId", role, invited_by AS "invitedBy"`;
const LIVE = 'expires_at > clock_timestamp()';

const REPLACE = `
  INSERT INTO org_invitations (id, org_id, email, email_canonical, role, token_hash, invited_by, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, clock_timestamp() + $8 * interval '1 millisecond')
  ON CONFLICT ON CONSTRAINT org_invitations_address_key DO UPDATE
     SET id = excluded.id, email = excluded.email, role = excluded.role, token_hash = excluded.token_hash,
         invited_by = excluded.invited_by, created_at = clock_timestamp(), expires_at = excluded.expires_at
  RETURNING ${COLUMNS}`;

const DELETE_OF_LEAVER = `
  DELETE FROM org_invitations
   WHERE org_id = $1
     AND (invited_by = $2 OR email_canonical = (SELECT email_canonical FROM users WHERE id = $2))`;

const FIND_SENDER = `
  SELECT o.name AS "orgName", u.email FROM orgs o, users u
   WHERE o.id = $1 AND u.id = $2 AND EXISTS (SELECT FROM memberships WHERE org_id = $1 AND user_id = $2)`;

/** What nobody of this role may ask for. */
const DELETE_BEYOND = `
  DELETE FROM org_invitations WHERE org_id = $1 AND invited_by = $2 AND ($3 = 'member' OR ($3 = 'admin' AND role = 'owner'))`;

export interface Sender {
  orgName: string;
  email: string;
}

/** Invitations of orgs; and as the invited find them, who know no org yet. */
@Injectable()
export class InvitationsRepository {
  /** In the place of the one that the address has from this org, if there is one. */
  async replace(executor: Executor, invitation: NewInvitation): Promise<Invitation> {
    const { id, orgId, email, emailCanonical, role, tokenHash, invitedBy, lifetimeMs } = invitation;
    const values = [id, orgId, email, emailCanonical, role, tokenHash, invitedBy, lifetimeMs];
    const [stored] = await query<Invitation>(executor, REPLACE, values);
    return stored as Invitation;
  }

  /** As what the mail calls those who invite. */
  async findSender(executor: Executor, orgId: string, userId: string): Promise<Sender | undefined> {
    const [sender] = await query<Sender>(executor, FIND_SENDER, [orgId, userId]);
    return sender;
  }

  /** Newest first. */
  async list(executor: Executor, orgId: string): Promise<Invitation[]> {
    const text = `SELECT ${COLUMNS} FROM org_invitations WHERE org_id = $1 AND ${LIVE} ORDER BY created_at DESC, id`;
    return query<Invitation>(executor, text, [orgId]);
  }

  async delete(executor: Executor, orgId: string, id: string): Promise<Invitation | undefined> {
    const text = `DELETE FROM org_invitations WHERE org_id = $1 AND id = $2 AND ${LIVE} RETURNING ${COLUMNS}`;
    const [deleted] = await query<Invitation>(executor, text, [orgId, id]);
    return deleted;
  }

  /** What the holder of a token can take up with this address. */
  async findByToken(executor: Executor, tokenHash: Buffer, emailCanonical: string): Promise<Offer | undefined> {
    const text = `SELECT ${OFFER} FROM org_invitations WHERE token_hash = $1 AND email_canonical = $2 AND ${LIVE}`;
    const [offer] = await query<Offer>(executor, text, [tokenHash, emailCanonical]);
    return offer;
  }

  /** What the owner of an address can take up: the newest. */
  async findByAddress(executor: Executor, emailCanonical: string): Promise<Offer | undefined> {
    const where = `email_canonical = $1 AND ${LIVE} ORDER BY created_at DESC LIMIT 1`;
    const [offer] = await query<Offer>(executor, `SELECT ${OFFER} FROM org_invitations WHERE ${where}`, [
      emailCanonical,
    ]);
    return offer;
  }

  /** Of parallel attempts to take up an invitation one finds it there, as it was offered. */
  async consume(executor: Executor, { id, orgId, role }: Offer): Promise<boolean> {
    const text = `DELETE FROM org_invitations WHERE id = $1 AND org_id = $2 AND role = $3 AND ${LIVE}`;
    return (await execute(executor, text, [id, orgId, role])) === 1;
  }

  /** Those that the user sent, and those that would bring the user back. */
  async deleteOfLeaver(executor: Executor, orgId: string, userId: string): Promise<void> {
    await execute(executor, DELETE_OF_LEAVER, [orgId, userId]);
  }

  /** Those that the user sent, and could not send with this role. */
  async deleteBeyond(executor: Executor, orgId: string, userId: string, role: Role): Promise<void> {
    await execute(executor, DELETE_BEYOND, [orgId, userId, role]);
  }

  async prune(executor: Executor): Promise<void> {
    await execute(executor, 'DELETE FROM org_invitations WHERE expires_at < clock_timestamp()');
  }
}
