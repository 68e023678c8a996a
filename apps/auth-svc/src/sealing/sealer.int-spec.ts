import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type AuthWorld, startAuthWorld } from '../testing/auth-world.js';
import { anonymous } from '../testing/people.js';
import { Sealer } from './sealer.js';

let world: AuthWorld;
beforeAll(async () => (world = await startAuthWorld()));
afterAll(() => world.close());

const place = () => ({ purpose: 'totp-secret', ownerId: randomUUID() }) as const;

describe('a sealed value', () => {
  it('opens for its purpose and owner only', async () => {
    const sealer = world.service.get(Sealer);
    const here = place();
    const sealed = await sealer.seal(here, Buffer.from('a secret'), anonymous());
    expect((await sealer.open(here, sealed, anonymous())).toString()).toBe('a secret');
    const elsewhere = [place(), { ...here, purpose: 'mail-params' } as const];
    for (const each of elsewhere) {
      await expect(sealer.open(each, sealed, anonymous())).rejects.toMatchObject({ code: 'internal' });
    }
  });

  it('opens on every replica, though all of them wanted the first KEK at once', async () => {
    await world.owner.query('DELETE FROM sealing_keks');
    const replicas = [world, await world.startReplica(), await world.startReplica()];
    const sealed = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const here = place();
        const sealer = replicas[index % 3]!.service.get(Sealer);
        return { here, value: await sealer.seal(here, Buffer.from(`secret ${index}`), anonymous()) };
      }),
    );
    const { rows } = await world.owner.query('SELECT FROM sealing_keks');
    expect(rows).toHaveLength(1);
    expect(new Set(sealed.map(({ value }) => value.kekId)).size).toBe(1);
    for (const [index, { here, value }] of sealed.entries()) {
      const opened = await replicas[(index + 1) % 3]!.service.get(Sealer).open(here, value, anonymous());
      expect(opened.toString()).toBe(`secret ${index}`);
    }
  });
});
