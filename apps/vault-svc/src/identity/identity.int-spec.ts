import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createDataSource } from '@oneclaw/database';
import { NatsLink, OutboxRelay, appendEvents, identityEvent, outboxUp } from '@oneclaw/events';
import { createLogger } from '@oneclaw/telemetry';
import { createTestDatabase, eventually, startNats, type TestNats } from '@oneclaw/testing';
import type { DataSource } from 'typeorm';
import { eventsOf } from '../testing/events.js';
import { agent, member, owner, type Person } from '../testing/people.js';
import { share, shareWith } from '../testing/shares.js';
import { createVault, grant, put, read } from '../testing/usage.js';
import { startVaultWorld, type VaultWorld } from '../testing/vault-world.js';

let nats: TestNats;
let world: VaultWorld;
let authSvc: Awaited<ReturnType<typeof startProducer>>;

beforeAll(async () => {
  nats = await startNats();
  world = await startVaultWorld({ NATS_URL_FILE: nats.url });
  authSvc = await startProducer(nats.url);
});
afterAll(async () => {
  await authSvc.close();
  await world.close();
  await nats.dispose();
});

/** The outbox of auth-svc, and its relay. */
async function startProducer(url: string) {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const database = await createTestDatabase();
  const dataSource: DataSource = await createDataSource({
    url: database.ownerUrl,
    applicationName: 'test',
    poolSize: 3,
    logger,
  });
  const runner = dataSource.createQueryRunner();
  await outboxUp(runner);
  await runner.release();
  const link = new NatsLink({ url, name: 'test', logger });
  const relay = new OutboxRelay({ producer: 'auth-svc', dataSource, nats: link, logger });
  relay.start();
  return {
    say: (orgId: string, kind: string, subjectId: string) =>
      appendEvents(dataSource.manager, [identityEvent({ orgId, kind, subjectId })]),
    close: async () => {
      await relay.stop();
      await link.close();
      await dataSource.destroy();
      await database.drop();
    },
  };
}

const policyCount = async (vaultId: string) => {
  const { rows } = await world.owner.query('SELECT count(*)::int AS count FROM policies WHERE vault_id = $1', [
    vaultId,
  ]);
  return (rows[0] as { count: number }).count;
};

const shareIds = async (orgId: string) => {
  const { rows } = await world.owner.query<{ id: string }>('SELECT id FROM shares WHERE org_id = $1 ORDER BY id', [
    orgId,
  ]);
  return rows.map(({ id }) => id);
};

describe('when auth-svc says that', () => {
  it('a user is deleted, the user’s policies end, and nobody else’s', async () => {
    const alice = owner(world.keys);
    const { orgId } = alice.caller;
    const [bob, carol] = [member(world.keys, orgId), member(world.keys, orgId)];
    const { id } = await createVault(world, alice);
    await put(world, alice, id, 'a');
    for (const who of [bob, carol]) await grant(world, world.keys, alice, id, who);
    expect(await read(world, bob, id, 'a')).toHaveProperty('text');

    await authSvc.say(orgId, 'user.deleted', bob.caller.id);

    await eventually(async () => expect(await policyCount(id)).toBe(1));
    expect(await read(world, bob, id, 'a')).toHaveProperty('error.code', 'permission_denied');
    expect(await read(world, carol, id, 'a')).toHaveProperty('text');
  });

  it('a user is deleted or removed, what they shared and what was shared with them goes, and nothing else', async () => {
    for (const kind of ['user.deleted', 'user.removed']) {
      const alice = owner(world.keys);
      const { orgId } = alice.caller;
      const bob = member(world.keys, orgId);
      const { id: vaultId } = await createVault(world, alice);
      const stored = await put(world, alice, vaultId, 'a');
      const secretId = stored.error ? '' : stored.id;
      await grant(world, world.keys, alice, vaultId, bob);
      await share(world, bob, secretId);
      await shareWith(world, world.keys, alice, secretId, bob);
      const kept = await share(world, alice, secretId);
      const robot = agent(world.keys, orgId, { id: bob.caller.id });
      const toRobot = await shareWith(world, world.keys, alice, secretId, robot);

      await authSvc.say(orgId, kind, bob.caller.id);

      await eventually(async () => expect(await shareIds(orgId)).toEqual([kept.id, toRobot.id].sort()));
    }
  });

  it('an account was taken over, no share that was made before opens anything', async () => {
    const [alice, zoe] = [owner(world.keys), owner(world.keys)];
    const robot = agent(world.keys, alice.caller.orgId);
    const shareOf = async (who: Person, sharer: Person) => {
      const { id: vaultId } = await createVault(world, who);
      const stored = await put(world, who, vaultId, 'a');
      if (sharer !== who) await grant(world, world.keys, who, vaultId, sharer);
      return await share(world, sharer, stored.error ? '' : stored.id);
    };
    await shareOf(alice, alice);
    await shareOf(alice, robot);
    const theirs = await shareOf(zoe, zoe);

    await authSvc.say(alice.caller.orgId, 'user.taken_over', alice.caller.id);

    await eventually(async () => expect(await shareIds(alice.caller.orgId)).toEqual([]));
    expect(await shareIds(zoe.caller.orgId)).toEqual([theirs.id]);
  });

  it('a user was removed from an org, what the user was granted there ends, but for what was granted since', async () => {
    const alice = owner(world.keys);
    const { orgId } = alice.caller;
    const bob = member(world.keys, orgId);
    const [before, after] = [await createVault(world, alice), await createVault(world, alice)];
    for (const { id } of [before, after]) await put(world, alice, id, 'a');
    await grant(world, world.keys, alice, before.id, bob);
    await grant(world, world.keys, alice, after.id, bob);
    // As if the event had been under way for a while: bob is back, and was granted this once more.
    await world.owner.query(`UPDATE policies SET created_at = now() + interval '1 hour' WHERE vault_id = $1`, [
      after.id,
    ]);

    await authSvc.say(orgId, 'user.removed', bob.caller.id);

    await eventually(async () => expect(await policyCount(before.id)).toBe(0));
    expect(await read(world, bob, before.id, 'a')).toHaveProperty('error.code', 'permission_denied');
    expect(await policyCount(after.id)).toBe(1);
    expect(await read(world, bob, after.id, 'a')).toHaveProperty('text');
  });

  it('an org is deleted, all its vaults are shredded, and no other org’s', async () => {
    const [alice, zoe] = [owner(world.keys), owner(world.keys)];
    const robot = agent(world.keys, alice.caller.orgId);
    const [ours, theirs] = [await createVault(world, alice), await createVault(world, zoe)];
    await put(world, alice, ours.id, 'a');
    await put(world, zoe, theirs.id, 'a');
    await grant(world, world.keys, alice, ours.id, robot);

    await authSvc.say(alice.caller.orgId, 'org.deleted', alice.caller.orgId);

    await eventually(async () => {
      const { rows } = await world.owner.query('SELECT 1 FROM vaults WHERE org_id = $1', [alice.caller.orgId]);
      expect(rows).toEqual([]);
    });
    expect(await read(world, robot, ours.id, 'a')).toHaveProperty('error.code', 'not_found');
    expect(await read(world, zoe, theirs.id, 'a')).toHaveProperty('text');
    expect(await eventsOf(world.owner, alice.caller.orgId, 'vault.delete')).toMatchObject([
      { actorType: 'system', resourceId: ours.id, details: { cause: 'org.deleted' } },
    ]);
  });

  it('an org is deleted, nothing that was under way leaves a vault behind', async () => {
    const alice = owner(world.keys);
    const { orgId } = alice.caller;
    const attempts = Array.from({ length: 40 }, async (_, index) => {
      if (index === 20) await authSvc.say(orgId, 'org.deleted', orgId);
      return createVault(world, alice, `vault ${index}`).catch((error: unknown) => error);
    });
    await Promise.all(attempts);
    await eventually(async () => {
      await expect(createVault(world, alice)).rejects.toMatchObject({ code: 'unauthenticated' });
    });
    const provisioning = world.agentKeys.provisionAgentKeys({ orgId, agentId: randomUUID() }, alice.call);
    await expect(provisioning).rejects.toMatchObject({ code: 'unauthenticated' });
    await eventually(async () => {
      const { rows } = await world.owner.query('SELECT 1 FROM vaults WHERE org_id = $1', [orgId]);
      expect(rows).toEqual([]);
    });
  });
});
