import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ShareDirection, type Share } from '@oneclaw/contracts/vault';
import { eventsOf } from '../testing/events.js';
import { agent, attestationOf, member, owner, type Person } from '../testing/people.js';
import { HOUR_MS, inAnHour, mailsTo, open, outcomeOf, share, shareWith, tally } from '../testing/shares.js';
import { createVault, grant, put, remove } from '../testing/usage.js';
import { startVaultWorld, type Replica, type VaultWorld } from '../testing/vault-world.js';
import { ShareSweeper } from './share-sweeper.js';

let world: VaultWorld;
let other: Replica;
beforeAll(async () => {
  world = await startVaultWorld();
  other = await world.startReplica();
});
afterAll(() => world.close());

async function furnish(path = 'a/b') {
  const alice = owner(world.keys);
  const vaultId = (await createVault(world, alice)).id;
  const stored = await put(world, alice, vaultId, path);
  if (stored.error) throw new Error(stored.error.message);
  return { alice, vaultId, secretId: stored.id, path, orgId: alice.caller.orgId };
}

const list = async (who: Person, direction: ShareDirection, page = {}) =>
  await world.shares.listShares({ direction, page }, who.call);
const outbound = async (who: Person) => (await list(who, ShareDirection.OUTBOUND)).shares;
const inbound = async (who: Person) => (await list(who, ShareDirection.INBOUND)).shares;
const ids = (shares: readonly Share[]) => shares.map(({ id }) => id);
const accept = (who: Person, shareId: string) => outcomeOf(world.shares.acceptShare({ shareId }, who.call));
const decline = (who: Person, shareId: string) => outcomeOf(world.shares.declineShare({ shareId }, who.call));
const revoke = (who: Person, shareId: string) => outcomeOf(world.shares.revokeShare({ shareId }, who.call));
/** Of an org that is about to make more than a minute allows. */
const forgetCreations = () => world.owner.query('DELETE FROM share_creations');

describe('sharing a secret', () => {
  it('answers the share and puts it into the trail, without its passphrase', async () => {
    const { alice, secretId, vaultId, orgId } = await furnish();
    const terms = { maxAccessCount: 3, expiresAt: inAnHour(), passphrase: 'canary', ipAllowlist: ['192.0.2.0/24'] };
    const made = await share(world, alice, secretId, terms);
    expect(made).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4/),
      secretPath: 'a/b',
      recipientType: 'anyone_with_link',
      recipientEmail: undefined,
      accessCount: 0,
      maxAccessCount: 3,
      expiresAt: terms.expiresAt,
      createdAt: expect.any(Date),
      isExpired: false,
      isAccepted: false,
    });
    const [event] = await eventsOf(world.owner, orgId, 'share.create');
    expect(event).toMatchObject({
      actorId: alice.caller.id,
      resourceType: 'share',
      resourceId: made.id,
      details: {
        secret_id: secretId,
        vault_id: vaultId,
        path: 'a/b',
        recipient_type: 'anyone_with_link',
        max_access_count: 3,
        passphrase: true,
        ip_allowlist: ['192.0.2.0/24'],
      },
    });
    expect(JSON.stringify(event)).not.toContain('canary');
  });

  it('needs the right to read it now', async () => {
    const { alice, vaultId, secretId, orgId, path } = await furnish();
    const bob = member(world.keys, orgId);
    expect(await outcomeOf(share(world, bob, secretId))).toBe('permission_denied');
    await grant(world, world.keys, alice, vaultId, bob, { permissions: ['write'] });
    expect(await outcomeOf(share(world, bob, secretId))).toBe('permission_denied');
    await grant(world, world.keys, alice, vaultId, bob, { permissions: ['read'] });
    expect(await outcomeOf(share(world, bob, secretId))).toBe('opened');
    expect(await outcomeOf(share(world, owner(world.keys), secretId))).toBe('not_found');
    expect(await outcomeOf(share(world, alice, randomUUID()))).toBe('not_found');
    await remove(world, alice, vaultId, path);
    expect(await outcomeOf(share(world, alice, secretId))).toBe('gone');
    const denied = await eventsOf(world.owner, orgId, 'share.create');
    expect(denied.map(({ details }) => details['reason'])).toEqual([
      'no_policy',
      'no_permission',
      undefined,
      'secret_not_found',
      'deleted',
    ]);
  });

  it('is for people and agents of the org, on auth-svc’s word', async () => {
    const { alice, secretId, orgId } = await furnish();
    const [bob, robot, stranger] = [member(world.keys, orgId), agent(world.keys, orgId), owner(world.keys)];
    for (const who of [bob, robot])
      expect(await outcomeOf(shareWith(world, world.keys, alice, secretId, who))).toBe('opened');
    const unknown = { recipientType: 'user', recipientId: bob.caller.id };
    const words = ['', attestationOf(world.keys, robot.caller), attestationOf(world.keys, stranger.caller)];
    for (const recipientAttestation of words) {
      await expect(share(world, alice, secretId, { ...unknown, recipientAttestation })).rejects.toMatchObject({
        fields: { recipient_id: 'there is no such user in this organisation' },
      });
    }
  });

  it('tells everything that is wrong with it at once', async () => {
    const { alice, secretId } = await furnish();
    const wrong = {
      recipientType: 'user',
      recipientId: 'x',
      permissions: ['read', 'write'],
      maxAccessCount: 0,
      expiresAt: new Date(Date.now() - 1000),
      passphrase: '',
      ipAllowlist: ['192.0.2.300'],
    };
    await expect(share(world, alice, secretId, wrong)).rejects.toMatchObject({
      code: 'invalid_argument',
      fields: {
        recipient_id: expect.any(String),
        permissions: expect.any(String),
        max_access_count: expect.any(String),
        expires_at: 'must be in the future',
        passphrase: expect.any(String),
        ip_allowlist: expect.any(String),
      },
    });
  });

  it.each<[string, object, string]>([
    ['an unknown type', { recipientType: 'everybody' }, 'recipient_type'],
    ['no address', { recipientType: 'external_email' }, 'email'],
    ['an address that is none', { recipientType: 'external_email', email: 'a b@c' }, 'email'],
    ['a creator, by a human', { recipientType: 'creator' }, 'recipient_type'],
    ['a year and a day', { expiresAt: new Date(Date.now() + 367 * 24 * HOUR_MS) }, 'expires_at'],
    ['no end', { expiresAt: undefined }, 'expires_at'],
    ['an end that is no time', { expiresAt: new Date(253402300800000) }, 'expires_at'],
    ['a passphrase that no header carries', { passphrase: 'a\nb' }, 'passphrase'],
    ['a passphrase that a header cuts', { passphrase: ' a' }, 'passphrase'],
    ['a passphrase that is too long', { passphrase: 'x'.repeat(257) }, 'passphrase'],
    ['too many networks', { ipAllowlist: Array<string>(257).fill('192.0.2.1') }, 'ip_allowlist'],
  ])('with %s is refused', async (_what, terms, field) => {
    const { alice, secretId } = await furnish();
    await expect(share(world, alice, secretId, terms)).rejects.toMatchObject({
      code: 'invalid_argument',
      fields: { [field]: expect.any(String) },
    });
  });

  it('may last a whole year', async () => {
    const { alice, secretId } = await furnish();
    const expiresAt = new Date();
    expiresAt.setUTCFullYear(expiresAt.getUTCFullYear() + 1);
    expect((await share(world, alice, secretId, { expiresAt })).expiresAt).toEqual(expiresAt);
  });

  it('is not for agents with an address, and with their human only while that human is there', async () => {
    const { alice, vaultId, secretId, orgId } = await furnish();
    const robot = agent(world.keys, orgId, { registeredBy: alice.caller.id });
    const orphan = agent(world.keys, orgId);
    for (const who of [robot, orphan]) await grant(world, world.keys, alice, vaultId, who);
    const byMail = { recipientType: 'external_email', email: 'a@example.com' };
    expect(await outcomeOf(share(world, robot, secretId, byMail))).toBe('permission_denied');
    expect((await share(world, robot, secretId, { recipientType: 'creator' })).recipientType).toBe('creator');
    await expect(share(world, orphan, secretId, { recipientType: 'creator' })).rejects.toMatchObject({
      fields: { recipient_type: expect.stringMatching(/left/) },
    });
    const [denied] = (await eventsOf(world.owner, orgId, 'share.create')).filter(({ details }) => details['outcome']);
    expect(denied).toMatchObject({ actorId: robot.caller.id, resourceType: 'secret', resourceId: secretId });
  });

  it('mails the address that it is for: who, which share, until when', async () => {
    const { alice, secretId, orgId } = await furnish();
    const [email, expiresAt] = [`Bob.${randomUUID()}@Example.com`, inAnHour()];
    const ada = owner(world.keys, orgId, { id: alice.caller.id, email: 'ada@example.com', emailVerified: true });
    const made = await share(world, ada, secretId, { recipientType: 'external_email', email, expiresAt });
    expect(made.recipientEmail).toBe(email);
    expect(await mailsTo(world.owner, email)).toMatchObject([
      {
        kind: 'share_invitation',
        orgId,
        params: { shared_by: 'ada@example.com', share_id: made.id, expires_at: expiresAt.toISOString() },
      },
    ]);
  });
});

describe('an org that shares', () => {
  it('makes exactly ten shares a minute, over two replicas and in parallel', async () => {
    const { alice, secretId, orgId } = await furnish();
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => outcomeOf(share(index % 2 === 0 ? world : other, alice, secretId))),
    );
    expect(tally(outcomes)).toEqual({ opened: 10, rate_limited: 40 });
    expect(await outbound(alice)).toHaveLength(10);
    const refused = await share(world, alice, secretId, { passphrase: 'x' }).catch((error: unknown) => error);
    const { retryAfterSeconds } = refused as { retryAfterSeconds: number };
    expect(retryAfterSeconds).toBeGreaterThan(50);
    expect(retryAfterSeconds).toBeLessThanOrEqual(60);
    const back = (seconds: number) =>
      world.owner.query(
        `UPDATE share_creations SET times = array(SELECT t - $2 * interval '1 s' FROM unnest(times) t) WHERE org_id = $1`,
        [orgId, seconds],
      );
    await back(30);
    expect(await outcomeOf(share(world, alice, secretId))).toBe('rate_limited');
    await back(30);
    expect(await outcomeOf(share(world, alice, secretId))).toBe('opened');
  });

  it('is not charged for shares that were refused', async () => {
    const { alice, secretId, orgId } = await furnish();
    const bob = member(world.keys, orgId);
    for (let refused = 0; refused < 12; refused += 1)
      expect(await outcomeOf(share(world, bob, secretId))).toBe('permission_denied');
    expect(await outcomeOf(share(world, alice, secretId))).toBe('opened');
  });
});

describe('the lists of shares', () => {
  it('show what somebody made, and what is addressed to somebody', async () => {
    const { alice, vaultId, secretId, orgId } = await furnish();
    const email = `${randomUUID()}@example.com`;
    const bob = owner(world.keys, orgId, { email, emailVerified: true });
    const robot = agent(world.keys, orgId, { registeredBy: bob.caller.id });
    await grant(world, world.keys, alice, vaultId, robot);
    const link = await share(world, alice, secretId);
    const toBob = await shareWith(world, world.keys, alice, secretId, bob);
    const toRobot = await shareWith(world, world.keys, alice, secretId, robot);
    const byMail = await share(world, alice, secretId, { recipientType: 'external_email', email: email.toUpperCase() });
    const toCreator = await share(world, robot, secretId, { recipientType: 'creator' });
    expect(ids(await outbound(alice))).toEqual(ids([byMail, toRobot, toBob, link]));
    expect(ids(await outbound(robot))).toEqual([toCreator.id]);
    expect(ids(await inbound(bob))).toEqual(ids([toCreator, byMail, toBob]));
    expect(ids(await inbound(robot))).toEqual([toRobot.id]);
    expect(await inbound(alice)).toEqual([]);
    const unverified = owner(world.keys, orgId, { id: bob.caller.id, email, emailVerified: false });
    expect(ids(await inbound(unverified))).toEqual(ids([toCreator, toBob]));
    const elsewhere = owner(world.keys, randomUUID(), { id: bob.caller.id });
    expect(await inbound(elsewhere)).toEqual([]);
  });

  it('say how far a share is: opened, accepted, expired', async () => {
    const { alice, secretId, orgId } = await furnish();
    const bob = member(world.keys, orgId);
    const { id } = await shareWith(world, world.keys, alice, secretId, bob, { maxAccessCount: 2 });
    await accept(bob, id);
    await open(world, world.keys, id, bob, { by: alice });
    expect(await outbound(alice)).toMatchObject([
      { id, accessCount: 1, maxAccessCount: 2, isAccepted: true, isExpired: false },
    ]);
    await world.owner.query('UPDATE shares SET expires_at = now() WHERE id = $1', [id]);
    expect(await inbound(bob)).toMatchObject([{ id, isAccepted: true, isExpired: true }]);
  });

  it('come in pages, each share once, newest first, also of one moment', async () => {
    const { alice, secretId } = await furnish();
    const made: string[] = [];
    for (let index = 0; index < 25; index += 1) {
      if (index % 10 === 0) await forgetCreations();
      made.unshift((await share(world, alice, secretId)).id);
    }
    const ofOneMoment = made.slice(5, 20);
    await world.owner.query(`UPDATE shares SET created_at = '2026-01-01T00:00:00.123457Z' WHERE id = ANY($1)`, [
      ofOneMoment,
    ]);
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await list(alice, ShareDirection.OUTBOUND, { limit: 4, cursor });
      expect(page.shares.length).toBeLessThanOrEqual(4);
      seen.push(...ids(page.shares));
      cursor = page.nextCursor;
    } while (cursor !== '');
    expect(seen).toEqual([...made.slice(0, 5), ...made.slice(20), ...ofOneMoment.sort().reverse()]);
    expect(ids(await outbound(alice))).toEqual(seen);
    await expect(list(alice, ShareDirection.OUTBOUND, { cursor: 'x' })).rejects.toMatchObject({
      fields: { cursor: expect.any(String) },
    });
  });

  it('hold no more than 500 in one answer', async () => {
    const { alice, secretId, orgId } = await furnish();
    await world.owner.query(
      `INSERT INTO shares (id, org_id, secret_id, secret_version, created_by_type, created_by, recipient_type, expires_at, ip_allowlist)
       SELECT gen_random_uuid(), $1, $2, 1, 'user', $3, 'anyone_with_link', now() + interval '1 hour', '{}' FROM generate_series(1, 701)`,
      [orgId, secretId, alice.caller.id],
    );
    const first = await list(alice, ShareDirection.OUTBOUND);
    expect(first.shares).toHaveLength(500);
    const second = await list(alice, ShareDirection.OUTBOUND, { limit: 1000, cursor: first.nextCursor });
    expect([second.shares.length, second.nextCursor]).toEqual([201, '']);
    expect(new Set(ids([...first.shares, ...second.shares])).size).toBe(701);
  });
});

describe('an answer to a share', () => {
  it('is the recipient’s, may be repeated, and is in the trail once', async () => {
    const { alice, secretId, orgId } = await furnish();
    const [bob, carol] = [member(world.keys, orgId), member(world.keys, orgId)];
    const { id } = await shareWith(world, world.keys, alice, secretId, bob);
    for (const stranger of [alice, carol, owner(world.keys)]) {
      expect(await accept(stranger, id)).toBe('not_found');
      expect(await decline(stranger, id)).toBe('not_found');
    }
    expect([await accept(bob, id), await accept(bob, id)]).toEqual(['opened', 'opened']);
    expect([await decline(bob, id), await decline(bob, id)]).toEqual(['opened', 'opened']);
    expect(await accept(bob, id)).toBe('not_found');
    for (const action of ['share.accept', 'share.decline']) {
      const events = (await eventsOf(world.owner, orgId, action)).filter(({ details }) => !details['outcome']);
      expect(events).toMatchObject([{ actorId: bob.caller.id, resourceId: id, details: { secret_id: secretId } }]);
    }
    expect(await inbound(bob)).toEqual([]);
    expect(await outbound(alice)).toEqual([]);
  });

  it('is there for nobody where there is no recipient, or no share', async () => {
    const { alice, secretId, orgId } = await furnish();
    const { id } = await share(world, alice, secretId);
    expect([await accept(alice, id), await decline(alice, id)]).toEqual(['not_found', 'not_found']);
    const unknown = randomUUID();
    expect([await accept(alice, unknown), await revoke(alice, unknown)]).toEqual(['not_found', 'not_found']);
    expect((await eventsOf(world.owner, orgId, 'share.revoke')).map(({ resourceId }) => resourceId)).toEqual([unknown]);
  });

  it('by an addressee who has not verified the address is refused with that reason', async () => {
    const { alice, secretId, orgId } = await furnish();
    const email = `${randomUUID()}@example.com`;
    const { id } = await share(world, alice, secretId, { recipientType: 'external_email', email });
    const bob = (emailVerified: boolean) => owner(world.keys, randomUUID(), { email, emailVerified });
    expect([await accept(bob(false), id), await decline(bob(false), id)]).toEqual(Array(2).fill('permission_denied'));
    expect(await accept(bob(true), id)).toBe('opened');
    // It is the trail of the org whose secret it is.
    expect((await eventsOf(world.owner, orgId, 'share.accept')).map(({ details }) => details['reason'])).toEqual([
      'email_not_verified',
      undefined,
    ]);
  });

  it('comes too late after the end of the share', async () => {
    const { alice, secretId, orgId } = await furnish();
    const bob = member(world.keys, orgId);
    const [expired, revoked] = [
      await shareWith(world, world.keys, alice, secretId, bob),
      await shareWith(world, world.keys, alice, secretId, bob),
    ];
    await world.owner.query('UPDATE shares SET expires_at = now() WHERE id = $1', [expired.id]);
    expect(await revoke(alice, revoked.id)).toBe('opened');
    expect([await accept(bob, expired.id), await decline(bob, expired.id)]).toEqual(['gone', 'opened']);
    expect([await accept(bob, revoked.id), await decline(bob, revoked.id)]).toEqual(['not_found', 'not_found']);
  });
});

describe('revoking', () => {
  it('is for whoever made the share, once', async () => {
    const { alice, secretId, orgId } = await furnish();
    const [bob, admin] = [member(world.keys, orgId), owner(world.keys, orgId)];
    const { id } = await shareWith(world, world.keys, alice, secretId, bob);
    expect([await revoke(bob, id), await revoke(admin, id)]).toEqual(['permission_denied', 'permission_denied']);
    expect(await revoke(owner(world.keys), id)).toBe('not_found');
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => revoke(alice, id)));
    expect(tally(outcomes)).toEqual({ opened: 1, not_found: 9 });
    const revoked = (await eventsOf(world.owner, orgId, 'share.revoke')).filter(({ details }) => !details['outcome']);
    expect(revoked).toHaveLength(1);
  });
});

describe('the sweep of shares', () => {
  it('removes what has been over for 90 days, and counters of yesterday', async () => {
    const { alice, secretId, orgId } = await furnish();
    const [old, recent] = [await share(world, alice, secretId), await share(world, alice, secretId)];
    const end = (id: string, days: number) =>
      world.owner.query(`UPDATE shares SET expires_at = now() - $2 * interval '1 day' WHERE id = $1`, [id, days]);
    await end(old.id, 91);
    await end(recent.id, 89);
    await world.owner.query(`UPDATE share_creations SET times = ARRAY[now() - interval '25 hours'] WHERE org_id = $1`, [
      orgId,
    ]);
    await world.service.get(ShareSweeper).sweep();
    expect(ids(await outbound(alice))).toEqual([recent.id]);
    const counters = await world.owner.query('SELECT FROM share_creations WHERE org_id = $1', [orgId]);
    expect(counters.rows).toEqual([]);
  });
});
