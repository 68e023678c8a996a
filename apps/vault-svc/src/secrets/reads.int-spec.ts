import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { owner, type Person } from '../testing/people.js';
import { createVault, put, read } from '../testing/usage.js';
import { startVaultWorld, type VaultWorld } from '../testing/vault-world.js';

let world: VaultWorld;
let alice: Person;
let vaultId: string;

beforeAll(async () => {
  world = await startVaultWorld();
  alice = owner(world.keys);
  vaultId = (await createVault(world, alice)).id;
});
afterAll(() => world.close());

describe('reading', () => {
  it('answers what was written', async () => {
    const written = await put(world, alice, vaultId, 'db/password', 'hunter2');
    expect(written).toMatchObject({ path: 'db/password', version: 1, type: 'generic' });
    expect(await read(world, alice, vaultId, 'db/password')).toMatchObject({ text: 'hunter2', version: 1 });
  });
});
