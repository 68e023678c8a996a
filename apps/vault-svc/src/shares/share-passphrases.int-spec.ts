import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startVaultWorld, type VaultWorld } from '../testing/vault-world.js';
import { SharePassphrases } from './share-passphrases.js';

let world: VaultWorld;
let passphrases: SharePassphrases;
beforeAll(async () => {
  world = await startVaultWorld();
  passphrases = world.service.get(SharePassphrases);
});
afterAll(() => world.close());

describe('a passphrase that was right', () => {
  it('is known again, and no other one is because of it', async () => {
    const [id, hash] = [randomUUID(), await passphrases.hash('right')];
    expect(await passphrases.verify(id, hash, 'right')).toBe(true);
    expect(await passphrases.verify(id, hash, 'right')).toBe(true);
    expect(await passphrases.verify(id, hash, 'wrong')).toBe(false);
    const other = await passphrases.hash('another');
    expect(await passphrases.verify(id, other, 'right')).toBe(false);
    expect(await passphrases.verify(id, other, 'another')).toBe(true);
  });

  it('opens nothing while wrong ones have closed the share', async () => {
    const [id, hash] = [randomUUID(), await passphrases.hash('right')];
    expect(await passphrases.verify(id, hash, 'right')).toBe(true);
    for (let wrong = 0; wrong < 5; wrong += 1) expect(await passphrases.verify(id, hash, 'wrong')).toBe(false);
    await expect(passphrases.verify(id, hash, 'right')).rejects.toMatchObject({ code: 'rate_limited' });
    expect(await passphrases.verify(randomUUID(), hash, 'right')).toBe(true);
  });

  it('is stored nowhere but as a hash that differs each time', async () => {
    const [one, two] = [await passphrases.hash('right'), await passphrases.hash('right')];
    expect(one).not.toBe(two);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,p=1,t=2\$/);
  });
});
