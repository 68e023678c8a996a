import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventsOf, recordedEvents } from '../testing/events.js';
import { owner, type Person } from '../testing/people.js';
import { createVault, put, read, readAll } from '../testing/usage.js';
import { startVaultWorld, type VaultWorld } from '../testing/vault-world.js';

let world: VaultWorld;
let alice: Person;
let vaultId: string;

beforeEach(async () => {
  world = await startVaultWorld();
  alice = owner(world.keys);
  vaultId = (await createVault(world, alice)).id;
  for (const path of ['a', 'b', 'c']) await put(world, alice, vaultId, path, `value of ${path}`);
});
afterEach(() => world.close());

const items = (...paths: string[]) => paths.map((path) => ({ who: alice, vaultId, path }));
const damagedCount = async () => {
  const response = await fetch(`http://127.0.0.1:${world.service.adminPort}/metrics`);
  return /^vault_envelope_damaged_total\{[^}]*\} (\d+)$/m.exec(await response.text())?.[1];
};
const SWAP = `
  UPDATE secret_versions SET %s = other.%s FROM secret_versions other
  WHERE secret_versions.secret_id = (SELECT id FROM secrets WHERE path = 'a')
    AND other.secret_id = (SELECT id FROM secrets WHERE path = 'b')`;

describe('a read that goes wrong', () => {
  it.each(['sealed_value', 'wrapped_dek', 'sealed_value, wrapped_dek'])(
    'with %s of another row fails alone and raises the alarm',
    async (columns) => {
      for (const column of columns.split(', ')) await world.owner.query(SWAP.replaceAll('%s', column));

      const answers = await readAll(world, items('a', 'b', 'c'));

      expect(answers).toEqual([
        { error: expect.objectContaining({ code: 'internal', message: 'An internal error occurred.' }) },
        expect.objectContaining({ text: 'value of b' }),
        expect.objectContaining({ text: 'value of c' }),
      ]);
      expect(await damagedCount()).toBe('1');
      const failed = (await eventsOf(world.owner, alice.caller.orgId, 'secret.read')).filter(
        ({ details }) => details['outcome'],
      );
      expect(failed.map(({ details }) => details)).toEqual([
        { vault_id: vaultId, path: 'a', version: 1, outcome: 'failed', reason: 'envelope_damaged' },
      ]);
    },
  );

  it.each([
    ['its path', `UPDATE secrets SET path = 'moved' WHERE path = 'a'`, 'moved'],
    ['its KEK', `UPDATE vault_keks SET wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)`, 'a'],
    [
      'a bit of it',
      `UPDATE secret_versions SET sealed_value = set_byte(sealed_value, 3, get_byte(sealed_value, 3) # 1)`,
      'a',
    ],
  ])('because %s was changed does not open', async (_what, tampering, path) => {
    await world.owner.query(tampering);
    expect(await read(world, alice, vaultId, path)).toHaveProperty('error.code', 'internal');
  });

  it('reveals nothing when the trail refuses its event', async () => {
    const before = await recordedEvents(world.owner);
    await world.owner.query(`ALTER TABLE outbox ADD CONSTRAINT refused CHECK (family <> 'audit') NOT VALID`);

    await expect(readAll(world, items('a', 'missing'))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(put(world, alice, vaultId, 'd')).resolves.toHaveProperty('error.code', 'unavailable');

    await world.owner.query('ALTER TABLE outbox DROP CONSTRAINT refused');
    expect(await recordedEvents(world.owner)).toHaveLength(before.length);
    expect(await readAll(world, items('a', 'd'))).toEqual([
      expect.objectContaining({ text: 'value of a' }),
      { error: expect.objectContaining({ code: 'not_found' }) },
    ]);
  });

  it('does not count as an access when its event is refused', async () => {
    await put(world, alice, vaultId, 'once', 'x', { maxAccessCount: 1 });
    await world.owner.query(`ALTER TABLE outbox ADD CONSTRAINT refused CHECK (family <> 'audit') NOT VALID`);
    await expect(readAll(world, items('once'))).rejects.toMatchObject({ code: 'unavailable' });
    await world.owner.query('ALTER TABLE outbox DROP CONSTRAINT refused');
    expect(await read(world, alice, vaultId, 'once')).toHaveProperty('text', 'x');
  });

  it('for want of the HSM leaves refusals and other operations as they are', async () => {
    world.keys.state = 'unavailable';
    const answers = await readAll(world, items('a', 'missing'));
    expect(answers.map(({ error }) => error?.code)).toEqual(['unavailable', 'not_found']);
    expect((await world.vaults.listVaults({}, alice.call)).vaults).toHaveLength(1);
    world.keys.state = 'ok';
    expect(await read(world, alice, vaultId, 'a')).toHaveProperty('text', 'value of a');
  });

  it('with a hung HSM ends in time, while new callers are still verified and lists answered', async () => {
    world.keys.state = 'hung';
    const started = Date.now();
    const reading = read(world, alice, vaultId, 'a');
    const bob = owner(world.keys, alice.caller.orgId);
    expect((await world.vaults.listVaults({}, bob.call)).vaults).toHaveLength(1);
    expect(await world.health.getHsmHealth({}, bob.call)).toEqual({ status: 'unavailable' });
    expect(await reading).toHaveProperty('error.code', 'unavailable');
    expect(Date.now() - started).toBeLessThan(6000);
  });
});
