import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodePrincipalFacts } from '@oneclaw/caller';
import { eventually } from '@oneclaw/testing';
import { eventsOf, recordedEvents } from '../testing/events.js';
import { agent, factsOf, member, owner, person, type Person, WRONG_CLOCKS } from '../testing/people.js';
import { HOUR_MS, inAnHour, mailsTo, open, outcomeOf, share, shareWith, tally, type Visit } from '../testing/shares.js';
import { createVault, grant, put, read, remove } from '../testing/usage.js';
import { startVaultWorld, type Replica, type VaultWorld } from '../testing/vault-world.js';

let world: VaultWorld;
let replicas: Replica[];
beforeAll(async () => {
  world = await startVaultWorld();
  replicas = [world, await world.startReplica(), await world.startReplica()];
});
afterAll(() => world.close());

const replica = (index: number) => replicas[index % replicas.length] as Replica;

/** An owner with a secret in a vault. */
async function furnish(path = 'db/password', value = 'the value') {
  const alice = owner(world.keys);
  const vaultId = (await createVault(world, alice)).id;
  const secretId = await store(alice, vaultId, path, value);
  return { alice, vaultId, secretId, path };
}

async function store(who: Person, vaultId: string, path: string, value = 'v', options = {}): Promise<string> {
  const stored = await put(world, who, vaultId, path, value, options);
  if (stored.error) throw new Error(stored.error.message);
  return stored.id;
}

const visit = (shareId: string, visitor: Person | undefined, how: Visit, at: Replica = world) =>
  open(at, world.keys, shareId, visitor, how);
const accessCount = async (id: string) =>
  (await world.owner.query<{ access_count: number }>('SELECT access_count FROM shares WHERE id = $1', [id])).rows[0]
    ?.access_count;
const expire = (id: string) => world.owner.query('UPDATE shares SET expires_at = now() WHERE id = $1', [id]);

describe('a share with a link', () => {
  it('gives the latest version to whoever has its id', async () => {
    const { alice, vaultId, secretId, path } = await furnish();
    const { id } = await share(world, alice, secretId);
    expect(await visit(id, undefined, { by: alice })).toMatchObject({
      id,
      path,
      type: 'generic',
      text: 'the value',
      accessCount: 1,
      maxAccessCount: undefined,
    });
    await put(world, alice, vaultId, path, 'a newer one', { type: 'password' });
    expect(await visit(id, undefined, { by: alice })).toMatchObject({
      text: 'a newer one',
      type: 'password',
      accessCount: 2,
    });
  });

  it('is a read of the secret too, by nobody in particular and in the trail of its org', async () => {
    const { alice, vaultId, secretId, path } = await furnish();
    const { id } = await share(world, alice, secretId);
    await visit(id, undefined, { by: alice });
    const { orgId } = alice.caller;
    const place = { vault_id: vaultId, path, version: 1 };
    expect(await eventsOf(world.owner, orgId, 'share.access')).toMatchObject([
      {
        actorType: 'anonymous',
        resourceType: 'share',
        resourceId: id,
        ipAddress: '198.51.100.9',
        details: { ...place, secret_id: secretId, access_count: 1 },
      },
    ]);
    expect(await eventsOf(world.owner, orgId, 'secret.read')).toMatchObject([
      { actorType: 'anonymous', resourceType: 'secret', resourceId: secretId, details: { ...place, share_id: id } },
    ]);
  });

  it('names the visitor in the trail where it is known', async () => {
    const { alice, secretId } = await furnish();
    const { id } = await share(world, alice, secretId);
    const zoe = owner(world.keys);
    await visit(id, zoe, { by: alice });
    const [access] = await eventsOf(world.owner, alice.caller.orgId, 'share.access');
    expect(access).toMatchObject({ actorType: 'user', actorId: zoe.caller.id });
    expect(await eventsOf(world.owner, zoe.caller.orgId, 'share.access')).toEqual([]);
  });

  it('is not found under an id that is none, and over once it has expired', async () => {
    const { alice, secretId } = await furnish();
    expect(await outcomeOf(visit(randomUUID(), undefined, { by: alice }))).toBe('not_found');
    const { id } = await share(world, alice, secretId);
    await expire(id);
    expect(await outcomeOf(visit(id, undefined, { by: alice }))).toBe('gone');
    expect(await eventsOf(world.owner, alice.caller.orgId, 'share.access')).toMatchObject([
      { resourceId: id, details: { outcome: 'denied', reason: 'expired' } },
    ]);
  });

  it('opens from the addresses that it lists, and from no others', async () => {
    const { alice, secretId } = await furnish();
    const { id } = await share(world, alice, secretId, { ipAllowlist: ['203.0.113.0/24', '2001:db8::/32'] });
    const from = (ip: string) => outcomeOf(visit(id, undefined, { by: alice, ip }));
    expect([await from('203.0.113.77'), await from('2001:db8::1'), await from('::ffff:203.0.113.1')]).toEqual(
      Array(3).fill('opened'),
    );
    expect([await from('203.0.114.1'), await from('2001:db9::1'), await from('')]).toEqual(
      Array(3).fill('permission_denied'),
    );
    expect(await accessCount(id)).toBe(3);
  });
});

describe('max_access_count of a share', () => {
  it('admits exactly n of fifty parallel openings over three replicas, and reveals nothing more', async () => {
    const { alice, secretId } = await furnish();
    const { id } = await share(world, alice, secretId, { maxAccessCount: 10 });
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => outcomeOf(visit(id, undefined, { by: alice }, replica(index)))),
    );
    expect(tally(outcomes)).toEqual({ opened: 10, gone: 40 });
    expect(await accessCount(id)).toBe(10);
    const { orgId } = alice.caller;
    const accesses = await eventsOf(world.owner, orgId, 'share.access');
    const opened = accesses.filter(({ details }) => details['outcome'] === undefined);
    expect(opened.map(({ details }) => details['access_count']).sort((a, b) => Number(a) - Number(b))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    expect(accesses).toHaveLength(50);
  });

  it('and that of the version hold together: neither is used where the other refuses', async () => {
    const { alice, vaultId } = await furnish();
    const scarce = await store(alice, vaultId, 'scarce', 'x', { maxAccessCount: 7 });
    const [narrow, wide] = [
      await share(world, alice, scarce, { maxAccessCount: 4 }),
      await share(world, alice, scarce, { maxAccessCount: 20 }),
    ];
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, index) => {
        if (index % 3 === 0)
          return read(replica(index), alice, vaultId, 'scarce').then((a) => a.error?.code ?? 'opened');
        return outcomeOf(visit((index % 3 === 1 ? narrow : wide).id, undefined, { by: alice }, replica(index)));
      }),
    );
    expect(tally(outcomes)).toEqual({ opened: 7, gone: 53 });
    const direct = outcomes.filter((outcome, index) => index % 3 === 0 && outcome === 'opened').length;
    const [byNarrow, byWide] = [await accessCount(narrow.id), await accessCount(wide.id)];
    expect(direct + Number(byNarrow) + Number(byWide)).toBe(7);
    expect(byNarrow).toBeLessThanOrEqual(4);
  });

  it('is not used by an opening that fails', async () => {
    const { alice, vaultId } = await furnish();
    const secretId = await store(alice, vaultId, 'once', 'x', { maxAccessCount: 1 });
    const { id } = await share(world, alice, secretId, { maxAccessCount: 1 });
    world.keys.state = 'unavailable';
    expect(await outcomeOf(visit(id, undefined, { by: alice }))).toBe('unavailable');
    world.keys.state = 'ok';
    await world.owner.query('ALTER TABLE outbox RENAME TO outbox_away');
    expect(await outcomeOf(visit(id, undefined, { by: alice }))).toBe('unavailable');
    await world.owner.query('ALTER TABLE outbox_away RENAME TO outbox');
    expect(await accessCount(id)).toBe(0);
    expect(await outcomeOf(visit(id, undefined, { by: alice }))).toBe('opened');
    expect(await outcomeOf(visit(id, undefined, { by: alice }))).toBe('gone');
  });
});

describe('a passphrase', () => {
  const PASSPHRASE = 'schöne Grüße 🦀';

  async function guarded() {
    const furnished = await furnish();
    const { id } = await share(world, furnished.alice, furnished.secretId, { passphrase: PASSPHRASE });
    const guess = (passphrase: string | undefined, at: Replica = world) =>
      visit(id, undefined, { by: furnished.alice, ...(passphrase === undefined ? {} : { passphrase }) }, at);
    return { ...furnished, id, guess };
  }

  it('opens its share, in any normal form, and nothing else does', async () => {
    const { guess } = await guarded();
    expect(await outcomeOf(guess(PASSPHRASE))).toBe('opened');
    expect(await outcomeOf(guess(PASSPHRASE.normalize('NFD')))).toBe('opened');
    await expect(guess(undefined)).rejects.toMatchObject({
      code: 'permission_denied',
      fields: { 'x-share-passphrase': 'is missing' },
    });
    await expect(guess('something else')).rejects.toMatchObject({
      code: 'permission_denied',
      fields: { 'x-share-passphrase': 'is wrong' },
    });
  });

  it('closes its share for fifteen minutes after five wrong ones, also for the right one', async () => {
    const { guess, id, alice } = await guarded();
    for (let missing = 0; missing < 8; missing += 1) await outcomeOf(guess(undefined));
    for (let wrong = 0; wrong < 4; wrong += 1) expect(await outcomeOf(guess('wrong'))).toBe('permission_denied');
    expect(await outcomeOf(guess(PASSPHRASE))).toBe('opened');
    expect(await outcomeOf(guess('wrong'))).toBe('permission_denied');
    const refused = await guess(PASSPHRASE).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'rate_limited' });
    const { retryAfterSeconds } = refused as { retryAfterSeconds: number };
    expect(retryAfterSeconds).toBeGreaterThan(14 * 60);
    expect(retryAfterSeconds).toBeLessThanOrEqual(15 * 60);
    const denied = (await eventsOf(world.owner, alice.caller.orgId, 'share.access')).map(
      ({ details }) => details['reason'],
    );
    expect(tally(denied.filter((reason) => reason !== undefined) as string[])).toEqual({
      passphrase_missing: 8,
      passphrase_wrong: 5,
    });
    await world.owner.query(
      'UPDATE throttles SET failures = array(SELECT f - 15 * 60000 FROM unnest(failures) f), pending = array[]::float8[]',
    );
    expect(await outcomeOf(guess(PASSPHRASE))).toBe('opened');
    expect(await accessCount(id)).toBe(2);
  });

  it('has no more than five of fifty parallel guesses evaluated, over three replicas', async () => {
    const { guess } = await guarded();
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => outcomeOf(guess(`guess ${index}`, replica(index)))),
    );
    expect(tally(outcomes)).toEqual({ permission_denied: 5, rate_limited: 45 });
    expect(await outcomeOf(guess(PASSPHRASE))).toBe('rate_limited');
  });

  it('lets all parallel openings through that have it, and counts them exactly', async () => {
    const { alice, secretId } = await furnish();
    const { id } = await share(world, alice, secretId, { passphrase: PASSPHRASE, maxAccessCount: 15 });
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        outcomeOf(visit(id, undefined, { by: alice, passphrase: PASSPHRASE }, replica(index))),
      ),
    );
    expect(tally(outcomes)).toEqual({ opened: 15, gone: 35 });
  });

  it('is stored as argon2id only, and stands in no event, right or wrong', async () => {
    const { alice, secretId } = await furnish();
    const { id } = await share(world, alice, secretId, { passphrase: 'canary right' });
    await visit(id, undefined, { by: alice, passphrase: 'canary right' });
    await outcomeOf(visit(id, undefined, { by: alice, passphrase: 'canary wrong' }));
    const { rows } = await world.owner.query('SELECT row_to_json(s)::text AS row FROM shares s WHERE id = $1', [id]);
    expect((rows[0] as { row: string }).row).toContain('"passphrase_hash":"$argon2id$v=19$m=19456,p=1,t=2$');
    const events = JSON.stringify(await recordedEvents(world.owner));
    expect(events).toContain(id);
    expect(events).not.toContain('canary');
  });
});

describe('a share for somebody', () => {
  it('opens for its recipient alone, once accepted', async () => {
    const { alice, secretId } = await furnish();
    const { orgId } = alice.caller;
    const [bob, carol] = [member(world.keys, orgId), member(world.keys, orgId)];
    const robot = agent(world.keys, orgId, { id: bob.caller.id });
    const { id } = await shareWith(world, world.keys, alice, secretId, bob);
    const reasons = async () =>
      (await eventsOf(world.owner, orgId, 'share.access')).map(({ details }) => details['reason']);
    expect(await outcomeOf(visit(id, bob, { by: alice }))).toBe('permission_denied');
    await world.shares.acceptShare({ shareId: id }, bob.call);
    for (const other of [undefined, carol, alice, robot, person(world.keys, { id: bob.caller.id })])
      expect(await outcomeOf(visit(id, other, { by: alice }))).toBe('permission_denied');
    expect(await visit(id, bob, { by: alice })).toMatchObject({ text: 'the value', accessCount: 1 });
    expect(await reasons()).toEqual(['not_accepted', ...Array(5).fill('not_recipient'), undefined]);
  });

  it('opens for an agent, within what the agent is limited to', async () => {
    const { alice, vaultId, secretId, path } = await furnish();
    const robot = agent(world.keys, alice.caller.orgId);
    const { id } = await shareWith(world, world.keys, alice, secretId, robot);
    await world.shares.acceptShare({ shareId: id }, robot.call);
    const as = (bounds: object) =>
      outcomeOf(visit(id, agent(world.keys, robot.caller.orgId, { id: robot.caller.id, ...bounds }), { by: alice }));
    expect(await as({})).toBe('opened');
    expect(await as({ pathScopes: ['db/*'], vaultIds: [vaultId] })).toBe('opened');
    expect(await as({ pathScopes: ['other/**'] })).toBe('permission_denied');
    expect(await as({ vaultIds: [randomUUID()] })).toBe('permission_denied');
    expect(path).toBe('db/password');
  });

  it('is for the human who registered the agent that shares with its creator', async () => {
    const { alice, vaultId, secretId } = await furnish();
    const robot = agent(world.keys, alice.caller.orgId, { registeredBy: alice.caller.id });
    await grant(world, world.keys, alice, vaultId, robot);
    const { id } = await share(world, robot, secretId, { recipientType: 'creator' });
    await world.shares.acceptShare({ shareId: id }, alice.call);
    expect(await visit(id, alice, { by: robot })).toMatchObject({ text: 'the value' });
  });

  it('by email is for whoever has verified the address, whichever way it is spelt', async () => {
    const { alice, secretId } = await furnish();
    const address = `Ada.${randomUUID()}@Example.com`;
    const { id } = await share(world, alice, secretId, { recipientType: 'external_email', email: ` ${address} ` });
    const ada = (emailVerified: boolean, userId: string = randomUUID()) =>
      owner(world.keys, randomUUID(), { id: userId, email: address.toUpperCase(), emailVerified });
    const verified = ada(true);
    await world.shares.acceptShare({ shareId: id }, verified.call);
    expect(await visit(id, verified, { by: alice })).toMatchObject({ text: 'the value' });
    await expect(visit(id, ada(false, verified.caller.id), { by: alice })).rejects.toMatchObject({
      code: 'permission_denied',
      message: expect.stringMatching(/confirmed/),
    });
    // Somebody else who came to own the address has accepted nothing.
    await expect(visit(id, ada(true), { by: alice })).rejects.toMatchObject({ message: 'Accept this share first.' });
    const robot = agent(world.keys, alice.caller.orgId, { email: address, emailVerified: true });
    expect(await outcomeOf(visit(id, robot, { by: alice }))).toBe('permission_denied');
  });

  it('never gives a signing key to an agent that signs transactions, nor by way of one', async () => {
    const { alice, vaultId } = await furnish();
    const { orgId } = alice.caller;
    for (const type of ['private_key', 'ssh_key']) {
      const secretId = await store(alice, vaultId, `keys/${type}`, 'k', { type });
      const signer = agent(world.keys, orgId, { intentsEnabled: true });
      const [link, own] = [
        await share(world, alice, secretId),
        await shareWith(world, world.keys, alice, secretId, signer),
      ];
      await world.shares.acceptShare({ shareId: own.id }, signer.call);
      for (const { id } of [link, own])
        expect(await outcomeOf(visit(id, signer, { by: alice }))).toBe('permission_denied');
      expect(await outcomeOf(visit(link.id, undefined, { by: alice }))).toBe('opened');
      await grant(world, world.keys, alice, vaultId, signer);
      expect(await outcomeOf(share(world, signer, secretId))).toBe('permission_denied');
    }
  });
});

describe('the right that a share lends', () => {
  it('is that of whoever shared, as it is now', async () => {
    const { alice, vaultId, secretId } = await furnish();
    const robot = agent(world.keys, alice.caller.orgId);
    const policy = await grant(world, world.keys, alice, vaultId, robot);
    const { id } = await share(world, robot, secretId);
    const opens = (facts?: Visit['facts']) =>
      outcomeOf(visit(id, undefined, { by: robot, ...(facts ? { facts } : {}) }));
    expect(await opens()).toBe('opened');
    expect(await opens({ pathScopes: ['other/**'] })).toBe('permission_denied');
    expect(await opens({ vaultIds: [randomUUID()] })).toBe('permission_denied');
    expect(await opens('none')).toBe('permission_denied');
    await world.policies.deletePolicy({ vaultId, policyId: policy.id }, alice.call);
    expect(await opens()).toBe('permission_denied');
    expect(await accessCount(id)).toBe(1);
    const reasons = (await eventsOf(world.owner, alice.caller.orgId, 'share.access')).map(
      ({ details }) => details['reason'],
    );
    expect(reasons).toEqual([undefined, 'outside_scope', 'vault_not_bound', 'sharer_gone', 'no_policy']);
  });

  it('holds where its conditions hold: a share reaches no further than they do', async () => {
    const { alice, vaultId, secretId } = await furnish();
    const robot = agent(world.keys, alice.caller.orgId);
    await grant(world, world.keys, alice, vaultId, robot, { conditions: { ip_allowlist: ['192.0.2.0/24'] } });
    const { id } = await share(world, robot, secretId);
    expect(await outcomeOf(visit(id, undefined, { by: robot, ip: '192.0.2.200' }))).toBe('opened');
    expect(await outcomeOf(visit(id, undefined, { by: robot, ip: '198.51.100.9' }))).toBe('permission_denied');
  });

  it('is proved by auth-svc and by nothing else', async () => {
    const { alice, secretId } = await furnish();
    const { id: shareId } = await share(world, alice, secretId);
    const openWith = (sharerFacts: string) =>
      outcomeOf(world.shareAccess.openShare({ shareId, sharerFacts }, { requestId: 'x', clientIp: '192.0.2.1' }));
    const claims = encodePrincipalFacts(alice.caller, Math.floor(Date.now() / 1000));
    const forged = [
      'nonsense',
      world.keys.sign('principal+jwt', claims),
      world.keys.sign('caller+jwt', claims),
      factsOf(world.keys, owner(world.keys)),
      factsOf(world.keys, alice, { orgId: randomUUID() }),
      factsOf(world.keys, alice, { type: 'agent' }),
    ];
    for (const facts of forged) expect(await openWith(facts)).toBe('internal');
    expect(await accessCount(shareId)).toBe(0);
  });

  it.each(WRONG_CLOCKS)(
    'cannot be known while our clocks differ by %d s: no value, no access, nobody to blame',
    async (clockError) => {
      const { alice, secretId } = await furnish();
      const { id: shareId } = await share(world, alice, secretId);
      const sharerFacts = factsOf(world.keys, alice, {}, clockError);
      const opening = world.shareAccess.openShare({ shareId, sharerFacts }, { requestId: 'x', clientIp: '192.0.2.1' });
      await expect(opening).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 });
      expect(await accessCount(shareId)).toBe(0);
      expect(await eventsOf(world.owner, alice.caller.orgId, 'share.access')).toEqual([]);
    },
  );

  it('ends with the secret, also where its path is used again, and comes back with it', async () => {
    const { alice, vaultId, secretId, path } = await furnish();
    const { id } = await share(world, alice, secretId);
    await remove(world, alice, vaultId, path);
    expect(await outcomeOf(visit(id, undefined, { by: alice }))).toBe('gone');
    await put(world, alice, vaultId, path, 'another secret');
    expect(await outcomeOf(visit(id, undefined, { by: alice }))).toBe('gone');
    const later = await share(world, alice, secretId);
    expect(await visit(later.id, undefined, { by: alice })).toMatchObject({ text: 'another secret' });
    await world.owner.query('UPDATE secrets SET deleted_through = 0 WHERE id = $1', [secretId]);
    expect(await visit(id, undefined, { by: alice })).toMatchObject({ text: 'another secret' });
  });

  it('ends with the vault, without a trace after the sweep', async () => {
    const { alice, vaultId, secretId } = await furnish();
    const { id } = await share(world, alice, secretId);
    await world.vaults.deleteVault({ vaultId }, alice.call);
    expect(await outcomeOf(visit(id, undefined, { by: alice }))).toBe('not_found');
    await eventually(async () => expect(await accessCount(id)).toBeUndefined());
  });

  it('ends when the version expires', async () => {
    const { alice, vaultId } = await furnish();
    const secretId = await store(alice, vaultId, 'soon', 'x', { expiresAt: new Date(Date.now() + HOUR_MS) });
    const { id } = await share(world, alice, secretId);
    await world.owner.query('UPDATE secret_versions SET expires_at = now() WHERE secret_id = $1', [secretId]);
    // What is sealed into the version was changed behind its back, but it is refused before it is opened.
    expect(await outcomeOf(visit(id, undefined, { by: alice }))).toBe('gone');
  });
});

describe('a revoked share', () => {
  it('opens nothing from then on, on any replica, nor a declined one', async () => {
    const { alice, secretId } = await furnish();
    const { id } = await share(world, alice, secretId);
    const racing = Array.from({ length: 12 }, (_, index) =>
      outcomeOf(visit(id, undefined, { by: alice }, replica(index))),
    );
    await world.shares.revokeShare({ shareId: id }, alice.call);
    const before = await accessCount(id);
    const after = await Promise.all(replicas.map((at) => outcomeOf(visit(id, undefined, { by: alice }, at))));
    expect(after).toEqual(Array(3).fill('not_found'));
    const outcomes = tally(await Promise.all(racing));
    expect(await accessCount(id)).toBe(before);
    expect(outcomes['opened'] ?? 0).toBe(before);
  });
});

describe('the mail about an access', () => {
  it('tells the human of whoever shared what was opened, by whom and from where, and never the value', async () => {
    const { alice, secretId, path } = await furnish('mail/me', 'canary-of-the-mail');
    const { id } = await share(world, alice, secretId, { maxAccessCount: 3, passphrase: 'canary passphrase' });
    const email = `${randomUUID()}@example.com`;
    await visit(id, undefined, { by: alice, facts: { email }, passphrase: 'canary passphrase' });
    const zoe = owner(world.keys, randomUUID(), { email: 'zoe@example.com', emailVerified: true });
    await visit(id, zoe, { by: alice, facts: { email }, passphrase: 'canary passphrase' });
    const mails = await mailsTo(world.owner, email);
    expect(mails).toMatchObject([
      {
        orgId: alice.caller.orgId,
        kind: 'share_accessed',
        params: { path, accessed_by: 'somebody who has the link', ip_address: '198.51.100.9', accesses: '1 of 3' },
      },
      { params: { accessed_by: 'zoe@example.com', accesses: '2 of 3' } },
    ]);
    expect(JSON.stringify(mails)).not.toMatch(/canary/);
  });

  it('comes ten times an hour at most for one share, and not for refusals', async () => {
    const { alice, secretId } = await furnish();
    const { id } = await share(world, alice, secretId, { ipAllowlist: ['198.51.100.0/24'] });
    const email = `${randomUUID()}@example.com`;
    await outcomeOf(visit(id, undefined, { by: alice, facts: { email }, ip: '192.0.2.1' }));
    await Promise.all(
      Array.from({ length: 15 }, (_, index) => visit(id, undefined, { by: alice, facts: { email } }, replica(index))),
    );
    expect(
      (await mailsTo(world.owner, email)).map(({ params }) => Number(params['accesses'])).sort((a, b) => a - b),
    ).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await world.owner.query(`UPDATE shares SET mails_since = mails_since - interval '1 hour' WHERE id = $1`, [id]);
    await visit(id, undefined, { by: alice, facts: { email } });
    expect(await mailsTo(world.owner, email)).toHaveLength(11);
  });

  it('goes to nobody where the human is gone', async () => {
    const { alice, secretId } = await furnish();
    const { id } = await share(world, alice, secretId, { expiresAt: inAnHour() });
    const before = await world.owner.query(`SELECT count(*) FROM outbox WHERE family = 'mail'`);
    await visit(id, undefined, { by: alice });
    expect((await world.owner.query(`SELECT count(*) FROM outbox WHERE family = 'mail'`)).rows).toEqual(before.rows);
  });
});
