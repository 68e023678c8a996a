import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CALLER_ASSERTION, PRINCIPAL_ATTESTATION, encodeCallerClaims } from '@oneclaw/caller';
import { eventually } from '@oneclaw/testing';
import { attestationOf, owner, type Person } from '../testing/people.js';
import { RealCryptoSvc } from '../testing/real-crypto-svc.js';
import { createVault, grant, list, put, putAll, read, readAll } from '../testing/usage.js';
import { startVaultWorld, type VaultWorld } from '../testing/vault-world.js';

let crypto: RealCryptoSvc;
let world: VaultWorld;
let alice: Person;

beforeAll(async () => {
  const module = process.env['TEST_PKCS11_MODULE'] as string;
  crypto = await RealCryptoSvc.start({ module, util: process.env['TEST_SOFTHSM_UTIL'] as string });
  world = await startVaultWorld({ CRYPTO_SVC_URL: crypto.url });
  alice = await signedByHsm(owner({ sign: () => '' }));
  // The HSM's token-signing key is published a moment before it signs.
  await eventually(() => world.vaults.listVaults({}, alice.call));
});
afterAll(async () => {
  await world.close();
  await crypto.stop();
});

async function signedByHsm(who: Person): Promise<Person> {
  const claims = encodeCallerClaims(who.caller, Math.floor(Date.now() / 1000));
  const assertion = await crypto.sign(CALLER_ASSERTION.typ, claims);
  return { ...who, call: { ...who.call, assertion }, item: { ...who.item, assertion } };
}

/** Claims are made by the test and signed by the HSM. */
async function grantAll(vaultId: string, who: Person) {
  let claims: object = {};
  attestationOf({ sign: (_typ, made) => ((claims = made), '') }, who.caller);
  const attestation = await crypto.sign(PRINCIPAL_ATTESTATION.typ, claims);
  await grant(world, { sign: () => attestation }, alice, vaultId, who);
}

describe('with a real HSM behind crypto-svc', () => {
  it('what is written in parallel is read back, version by version', async () => {
    const { id } = await createVault(world, alice);
    const values = Array.from({ length: 30 }, (_, index) => `value ${index} 🔑`);
    const written = await Promise.all(values.map((value) => put(world, alice, id, 'race', value)));
    const versions = written.map((each) => ('version' in each ? each.version : 0));
    expect([...versions].sort((one, other) => one - other)).toEqual(values.map((_, index) => index + 1));
    const answers = await readAll(
      world,
      versions.map((version) => ({ who: alice, vaultId: id, path: 'race', version })),
    );
    expect(answers.map((answer) => ('text' in answer ? answer.text : answer.error))).toEqual(values);
  });

  it('values of 0 bytes and of 256 KiB survive', async () => {
    const { id } = await createVault(world, alice);
    const values = ['', 'x'.repeat(256 * 1024)];
    await putAll(
      world,
      values.map((value, index) => ({ who: alice, vaultId: id, path: `v/${index}`, value })),
    );
    for (const [index, value] of values.entries()) {
      expect((await read(world, alice, id, `v/${index}`)) as object).toHaveProperty('text', value);
    }
  });

  it.each(['sealed_value', 'wrapped_dek', 'sealed_value, wrapped_dek'])(
    'a row with %s of another one fails cleanly, and others go on',
    async (columns) => {
      const { id } = await createVault(world, alice);
      for (const path of ['a', 'b']) await put(world, alice, id, path, path);
      for (const column of columns.split(', ')) {
        await world.owner.query(
          `UPDATE secret_versions v SET ${column} = other.${column} FROM secret_versions other
           WHERE v.secret_id = (SELECT id FROM secrets WHERE vault_id = $1 AND path = 'a')
             AND other.secret_id = (SELECT id FROM secrets WHERE vault_id = $1 AND path = 'b')`,
          [id],
        );
      }
      const answers = await readAll(
        world,
        ['a', 'b'].map((path) => ({ who: alice, vaultId: id, path })),
      );
      expect(answers).toEqual([
        { error: expect.objectContaining({ code: 'internal' }) },
        expect.objectContaining({ text: 'b' }),
      ]);
    },
  );

  it('a vault with the KEK of another one opens nothing of its own', async () => {
    const [one, other] = [await createVault(world, alice), await createVault(world, alice)];
    await put(world, alice, one.id, 'a');
    await put(world, alice, other.id, 'a', 'intact');
    await world.owner.query(
      `UPDATE vault_keks SET wrapped = (SELECT wrapped FROM vault_keks WHERE vault_id = $2) WHERE vault_id = $1`,
      [one.id, other.id],
    );
    const answers = await readAll(
      world,
      [one.id, other.id].map((vaultId) => ({ who: alice, vaultId, path: 'a' })),
    );
    expect(answers).toEqual([
      { error: expect.objectContaining({ code: 'internal' }) },
      expect.objectContaining({ text: 'intact' }),
    ]);
  });

  it('an agent’s keys are made, and readable through a policy', async () => {
    const agentId = randomUUID();
    const made = await world.agentKeys.provisionAgentKeys(
      { orgId: alice.caller.orgId, agentId },
      { requestId: randomUUID() },
    );
    expect([made.ed25519PublicKey.length, made.p256PublicKey.length]).toEqual([32, 65]);
    const { vaults } = await world.vaults.listVaults({}, alice.call);
    const system = vaults.find(({ createdByType }) => createdByType === 'system')!;
    await grantAll(system.id, alice);
    const key = await read(world, alice, system.id, `agents/${agentId}/ssh/private_key`);
    expect(Buffer.from((key as { text: string }).text, 'base64')).toHaveLength(32);
  });

  it('a token that goes away means 503 for values alone, until it is back', async () => {
    const { id } = await createVault(world, alice);
    await put(world, alice, id, 'a', 'still here');
    crypto.takeTokenAway();
    await eventually(async () =>
      expect(await world.health.getHsmHealth({}, alice.call)).toEqual({ status: 'unavailable' }),
    );
    expect(await read(world, alice, id, 'a')).toHaveProperty('error.code', 'unavailable');
    expect(await put(world, alice, id, 'a')).toHaveProperty('error.code', 'unavailable');
    expect(await list(world, alice, id)).toHaveLength(1);
    crypto.bringTokenBack();
    await eventually(async () => expect(await read(world, alice, id, 'a')).toHaveProperty('text', 'still here'));
    expect(await put(world, alice, id, 'a')).toHaveProperty('version', 2);
  });
});
