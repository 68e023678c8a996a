import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { PLATFORM_ORG_ID } from '@oneclaw/caller';
import { FakeOidcIssuer } from '@oneclaw/testing';
import { createKey } from '../testing/api-keys.js';
import { type AuthWorld, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { challengeOf, enableMfa, verifyMfa } from '../testing/mfa.js';
import { invite, logIn, newMember, platformAdmin, rolesOf, signUpVerified, verify } from '../testing/orgs.js';
import { anonymous, createAgent, exchangeKey, type Human, human, refusalOf, signUp } from '../testing/people.js';
import { HoldReleaser } from './hold-releaser.js';

const CLIENT_ID = 'client.apps.example';

let google: FakeOidcIssuer;
let world: AuthWorld;
beforeAll(async () => {
  google = await FakeOidcIssuer.start();
  world = await startAuthWorld({
    GOOGLE_CLIENT_IDS: [CLIENT_ID],
    GOOGLE_ISSUER: google.url,
    GOOGLE_JWKS_URL: google.jwksUrl,
  });
});
beforeEach(() => {
  world.vault.orgs.broken = false;
  world.vault.orgs.delay = async () => undefined;
});
afterAll(async () => {
  await world.close();
  await google.close();
});

/** Somebody alone in an org without anything, and invited to another. */
async function invited(): Promise<{ owner: Human; someone: Human }> {
  const owner = await signUp(world);
  const someone = await signUpVerified(world);
  await invite(world, owner, someone.email, 'admin');
  return { owner, someone };
}

async function orgExists(orgId: string): Promise<boolean> {
  return (await world.owner.query('SELECT 1 FROM orgs WHERE id = $1', [orgId])).rows.length > 0;
}

/** Moves that nobody has finished, nor given up. */
async function movesOf(orgId: string): Promise<unknown[]> {
  return (await world.owner.query('SELECT id FROM org_moves WHERE org_id = $1', [orgId])).rows;
}

describe('a login of somebody who is invited, and alone in an empty org,', () => {
  it('joins the org that invites, and ends the empty one', async () => {
    const { owner, someone } = await invited();
    const { apiKey } = await createKey(world, someone);
    const now = await logIn(world, someone);
    expect(now.orgId).toBe(owner.orgId);
    expect(await rolesOf(world, owner)).toEqual({ [owner.id]: 'owner', [someone.id]: 'admin' });
    expect(await orgExists(someone.orgId)).toBe(false);
    expect(await movesOf(someone.orgId)).toEqual([]);
    expect(await refusalOf(world, someone.token)).toBe('not_a_member');
    expect(await refusalOf(world, apiKey)).toBe('api_key_unknown_key');
    const { identity, audit } = await recordedEvents(world.owner);
    expect(identity.filter(({ kind }) => kind === 'org.deleted').map(({ orgId }) => orgId)).toContain(someone.orgId);
    expect(identity.filter(({ subjectId, kind }) => subjectId === someone.id && kind === 'user.joined')).toMatchObject([
      { orgId: owner.orgId },
    ]);
    const trail = audit.filter(({ actorId, resourceId }) => [actorId, resourceId].includes(someone.id));
    expect(trail.filter(({ orgId }) => orgId === owner.orgId).map(({ action }) => action)).toEqual([
      'org.join',
      'auth.success',
    ]);
  });

  it('joins by one of twenty parallel logins, and all of them work', async () => {
    const { owner, someone } = await invited();
    const replica = await world.startReplica();
    const logins = await Promise.all(
      Array.from({ length: 20 }, (_, index) => logIn(index % 2 ? world : replica, someone)),
    );
    for (const { orgId, token } of logins) {
      expect(orgId).toBe(owner.orgId);
      expect(await refusalOf(world, token)).toBe('');
    }
    const { audit } = await recordedEvents(world.owner);
    expect(audit.filter(({ action, actorId }) => action === 'org.join' && actorId === someone.id)).toHaveLength(1);
  });

  it('stays where it is while there is a vault, an agent, or another member', async () => {
    const [withVault, withAgent, withMember] = [await invited(), await invited(), await invited()];
    world.vault.orgs.orgsWithVaults.add(withVault.someone.orgId);
    await createAgent(world, withAgent.someone);
    await newMember(world, withMember.someone);
    for (const { owner, someone } of [withVault, withAgent, withMember]) {
      expect((await logIn(world, someone)).orgId).toBe(someone.orgId);
      expect(await rolesOf(world, owner)).toEqual({ [owner.id]: 'owner' });
      expect(await movesOf(someone.orgId)).toEqual([]);
      expect(world.vault.orgs.isHeld(someone.orgId)).toBe(false);
    }
    // The invitation has waited.
    world.vault.orgs.orgsWithVaults.delete(withVault.someone.orgId);
    expect((await logIn(world, withVault.someone)).orgId).toBe(withVault.owner.orgId);
  });

  it('does not count an agent that enrolled itself and was never used', async () => {
    const { owner, someone } = await invited();
    const agent = await createAgent(world, someone);
    await world.owner.query(`UPDATE agents SET unused_until = now() + interval '7 days' WHERE id = $1`, [agent.id]);
    expect((await logIn(world, someone)).orgId).toBe(owner.orgId);
    expect(await exchangeKey(world, agent.apiKey)).toBeUndefined();
  });

  it('takes the newest of several invitations', async () => {
    const { someone } = await invited();
    const newest = await signUp(world);
    await invite(world, newest, someone.email);
    expect((await logIn(world, someone)).orgId).toBe(newest.orgId);
  });

  it('is not held up where vault-svc is away: the invitation waits', async () => {
    const { owner, someone } = await invited();
    world.vault.orgs.broken = true;
    expect((await logIn(world, someone)).orgId).toBe(someone.orgId);
    world.vault.orgs.broken = false;
    expect((await logIn(world, someone)).orgId).toBe(owner.orgId);
  });

  it('joins with the second factor, not before', async () => {
    const { owner, someone } = await invited();
    const enrolled = await enableMfa(world, someone);
    const challenge = await challengeOf(world, someone);
    expect(await verifyMfa(world, challenge, enrolled.authenticator.wrong())).toHaveProperty('refusal');
    expect(await orgExists(someone.orgId)).toBe(true);
    const { token } = await verifyMfa(world, challenge, enrolled.authenticator.next());
    expect((await human(world, token!)).orgId).toBe(owner.orgId);
  });

  it('joins when the address is verified just then', async () => {
    const owner = await signUp(world);
    const someone = await signUp(world);
    await invite(world, owner, someone.email);
    const token = randomUUID();
    await world.owner.query(
      `INSERT INTO email_verifications (token_hash, user_id, expires_at)
       VALUES (sha256(convert_to($1, 'UTF8')), $2, now() + interval '1 hour')`,
      [token, someone.id],
    );
    const answer = await world.verification.verifyEmail({ token }, anonymous());
    expect((await human(world, answer.token!.accessToken)).orgId).toBe(owner.orgId);
  });

  it('never leaves the platform’s org, but may join it', async () => {
    const [owner, admin] = [await signUp(world), await platformAdmin(world)];
    await expect(invite(world, owner, admin.email)).rejects.toMatchObject({ code: 'conflict' });
    // As one that was made before there was an administrator of this address.
    await world.owner.query(
      `INSERT INTO org_invitations (id, org_id, email, email_canonical, role, token_hash, invited_by, expires_at)
       VALUES (gen_random_uuid(), $1, $2, $2, 'admin', '\\x00', $3, now() + interval '1 day')`,
      [owner.orgId, admin.email, owner.id],
    );
    expect((await platformAdmin(world)).orgId).toBe(PLATFORM_ORG_ID);
    expect((await newMember(world, admin)).orgId).toBe(PLATFORM_ORG_ID);
  });
});

describe('a first login with Google', () => {
  it('opens the account in the org that invites the address', async () => {
    const owner = await signUp(world);
    const email = `${randomUUID()}@example.com`;
    await invite(world, owner, email);
    const claims = { sub: randomUUID(), email, email_verified: true, aud: CLIENT_ID };
    const { token } = await world.google.logInWithGoogle({ idToken: await google.token(claims) }, anonymous());
    const someone = await human(world, token!.accessToken);
    expect(someone.orgId).toBe(owner.orgId);
    expect(await rolesOf(world, owner)).toMatchObject({ [someone.id]: 'member' });
  });

  it('takes over an account that nobody has verified, and joins', async () => {
    const owner = await signUp(world);
    const squatted = await signUp(world);
    await invite(world, owner, squatted.email);
    const claims = { sub: randomUUID(), email: squatted.email, email_verified: true, aud: CLIENT_ID };
    const { token } = await world.google.logInWithGoogle({ idToken: await google.token(claims) }, anonymous());
    expect((await human(world, token!.accessToken)).orgId).toBe(owner.orgId);
  });
});

describe('a move that something comes in the way of', () => {
  it('is not made where an agent is created between the question and the move', async () => {
    const { owner, someone } = await invited();
    world.vault.orgs.delay = async () => {
      world.vault.orgs.delay = async () => undefined;
      await createAgent(world, someone);
    };
    expect((await logIn(world, someone)).orgId).toBe(someone.orgId);
    expect(await rolesOf(world, owner)).toEqual({ [owner.id]: 'owner' });
  });

  it('is not made where the invitation is revoked meanwhile', async () => {
    const { owner, someone } = await invited();
    world.vault.orgs.delay = async () => {
      world.vault.orgs.delay = async () => undefined;
      const { invitations } = await world.invitations.listInvitations({}, owner.call);
      await world.invitations.revokeInvitation({ invitationId: invitations[0]!.id }, owner.call);
    };
    expect((await logIn(world, someone)).orgId).toBe(someone.orgId);
    expect(await orgExists(someone.orgId)).toBe(true);
  });

  it('is not made once it was given up, because then its hold is released', async () => {
    const { owner, someone } = await invited();
    const releaser = world.service.get(HoldReleaser);
    let given = 0;
    world.vault.orgs.delay = async () => {
      if (given++ === 0) await releaser.release(0);
    };
    // The login decides again, with another hold.
    expect((await logIn(world, someone)).orgId).toBe(owner.orgId);
    expect(given).toBe(2);
  });

  it('leaves a hold, which is released', async () => {
    const { owner, someone } = await invited();
    world.vault.orgs.delay = async () => {
      const { invitations } = await world.invitations.listInvitations({}, owner.call);
      for (const { id } of invitations) await world.invitations.revokeInvitation({ invitationId: id }, owner.call);
    };
    await logIn(world, someone);
    expect(world.vault.orgs.isHeld(someone.orgId)).toBe(true);
    await world.service.get(HoldReleaser).release(0);
    expect(world.vault.orgs.isHeld(someone.orgId)).toBe(false);
    expect(await movesOf(someone.orgId)).toEqual([]);
  });

  it('is made once by people who invite each other, at the same moment', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [one, other] = [await signUp(world), await signUp(world)];
      await invite(world, one, other.email);
      await invite(world, other, one.email);
      await verify(world, one);
      await verify(world, other);
      const [first, second] = await Promise.all([logIn(world, one), logIn(world, other)]);
      expect(first.orgId).toBe(second.orgId);
      expect([one.orgId, other.orgId]).toContain(first.orgId);
    }
  });

  it('refuses what is made for the org that ends', async () => {
    const { someone } = await invited();
    await logIn(world, someone);
    // The assertion of before is good for a minute.
    await expect(createAgent(world, someone)).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(createKey(world, someone)).rejects.toMatchObject({ code: 'not_found' });
  });
});
