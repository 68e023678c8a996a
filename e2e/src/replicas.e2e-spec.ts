import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import { countOf } from './answer.js';
import type { Api } from './client.js';
import { eventually } from './eventually.js';
import { asSuperuser } from './faults/database.js';
import { gatewayOf, ownStack } from './stacks.js';
import type { Secret, SecretList } from './types.js';
import { logIn, newAgent, newOwner, newVault, secretUrl, type Owner } from './world.js';

const KIB_256 = 256 * 1024;
const UNLIMITED = { RATE_LIMIT_PER_SECOND: '1000000', RATE_LIMIT_BURST: '1000000', TRUSTED_PROXIES: '127.0.0.0/8,::1' };

let stack: Stack;
let apis: Api[];
let owner: Owner;

beforeAll(async () => {
  stack = await ownStack({
    replicas: { gateway: 3, 'vault-svc': 3, 'crypto-svc': 2 },
    env: { gateway: UNLIMITED, 'billing-svc': { DEFAULT_TIER: 'enterprise' } },
  });
  apis = stack.gatewayUrls.map((_, index) => gatewayOf(stack, index));
  owner = await newOwner(apis[0]);
});
afterAll(() => stack?.stop());

/** The same caller through one gateway after the other. */
const through = (index: number, { api }: { api: Api }): Api => api.at(apis[index % apis.length]!.baseUrl);
const fifty = <T>(make: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: 50 }, (_, index) => make(index)));

describe('three gateways over three replicas of vault-svc', () => {
  it('let exactly as many of 50 parallel readers through as a version allows', async () => {
    const vault = await newVault(owner);
    const agent = await newAgent(owner, [{ vault, pattern: '**' }]);
    for (const limit of [1, 7, 49]) {
      const url = secretUrl(vault, `few/${limit}`);
      (await owner.api.put(url, { value: 'v', max_access_count: limit })).as(201);
      const answers = await fifty((index) => through(index, index % 2 ? owner : agent).get(url));
      expect([limit, countOf(answers, 200), countOf(answers, 410)]).toEqual([limit, limit, 50 - limit]);
      (await owner.api.get(url)).refused(410);
    }
  });

  it('give one of 50 writers on the same condition the next version, and each other writer a number of its own', async () => {
    const vault = await newVault(owner);
    const url = secretUrl(vault, 'race');
    for (const headers of [{ 'if-none-match': '*' }, { 'if-match': '"1"' }] as Record<string, string>[]) {
      const answers = await fifty((index) => through(index, owner).put(url, { value: `${index}` }, headers));
      expect([countOf(answers, 201), countOf(answers, 412)]).toEqual([1, 49]);
    }
    const answers = await fifty((index) => through(index, owner).put(url, { value: `${index}` }));
    const tags = answers.map((answer) => Number(answer.header('etag')?.slice(1, -1)));
    expect(tags.sort((one, other) => one - other)).toEqual(Array.from({ length: 50 }, (_, index) => index + 3));
  });

  it('answer many large values at once, byte for byte', async () => {
    const vault = await newVault(owner);
    const values = Array.from({ length: 20 }, (_, index) => `${index}🗝\u0000`.padEnd(KIB_256 / 2, `${index % 10}é`));
    for (const [index, value] of values.entries())
      (await through(index, owner).put(secretUrl(vault, `large/${index}`), { value })).as(201);
    const answers = await Promise.all(
      Array.from({ length: 2 * values.length }, (_, index) =>
        owner.api.get(secretUrl(vault, `large/${index % values.length}`)),
      ),
    );
    const read = answers.map((answer) => answer.as<Secret>(200).value);
    expect(read.every((value, index) => value === values[index % values.length])).toBe(true);
  });

  it('keep signing keys from an agent whose flag is on, within a second, and from a token that was made then', async () => {
    const vault = await newVault(owner);
    const agent = await newAgent(owner, [{ vault, pattern: '**' }]);
    const url = secretUrl(vault, 'keys/signer');
    (await owner.api.put(url, { value: 'key', type: 'private_key' })).as(201);
    (await owner.api.put(url, { value: 'plain' })).as(201);
    (await agent.api.get(`${url}?version=1`)).as(200);
    (await owner.api.send('PATCH', `/v1/agents/${agent.id}`, { intents_api_enabled: true })).as(200);
    const statuses = (who: { api: Api }, path: string, headers = {}) =>
      Promise.all(apis.map(async (_, index) => (await through(index, who).get(path, headers)).status));
    const become = (status: number, who: { api: Api }, path: string) =>
      eventually(`every gateway answers ${status}`, 1000, async () =>
        (await statuses(who, path)).every((each) => each === status) ? true : undefined,
      );
    await become(403, agent, `${url}?version=1`);
    expect(await statuses(agent, `${url}?version=1`, { 'if-none-match': '"1"' })).toEqual([403, 403, 403]);
    expect(await statuses(agent, url)).toEqual([200, 200, 200]);
    const flagged = await logIn(agent, owner.api);
    (await owner.api.send('PATCH', `/v1/agents/${agent.id}`, { intents_api_enabled: false })).as(200);
    await become(200, agent, `${url}?version=1`);
    expect(await statuses(flagged, `${url}?version=1`)).toEqual([403, 403, 403]);
  });

  it('list a vault of 12,000 secrets whole, in order, without a limit, and page by page', async () => {
    const vault = await newVault(owner);
    await asSuperuser(stack, 'vault-svc', async (client) => {
      await client.query(
        `WITH made AS (
           INSERT INTO secrets (id, org_id, vault_id, path, current_version)
           SELECT gen_random_uuid(), org_id, id, 's/' || lpad(n::text, 5, '0'), 1
           FROM vaults, generate_series(1, 12000) AS n WHERE id = $1
           RETURNING id
         )
         INSERT INTO secret_versions (secret_id, version, type, kek_id, wrapped_dek, sealed_value, metadata, created_by)
         SELECT made.id, 1, 'generic', k.id, '', '', '{"team":"a"}', 'user:' || $2::text FROM made, vault_keks k WHERE k.vault_id = $1`,
        [vault.id, owner.id],
      );
    });
    const expected = Array.from({ length: 12_000 }, (_, index) => `s/${String(index + 1).padStart(5, '0')}`);
    const all = (await owner.api.get(`/v1/vaults/${vault.id}/secrets`)).as<SecretList>(200);
    expect(all.secrets.map(({ path }) => path)).toEqual(expected);
    expect(all.next_cursor ?? null).toBeNull();
    const paged: string[] = [];
    let cursor = '';
    for (let index = 0; index === 0 || cursor !== ''; index += 1) {
      const page = await through(index, owner).get(`/v1/vaults/${vault.id}/secrets?limit=1000${cursor}`);
      const { secrets, next_cursor: next } = page.as<SecretList>(200);
      paged.push(...secrets.map(({ path }) => path));
      cursor = next ? `&cursor=${encodeURIComponent(next)}` : '';
    }
    expect(paged).toEqual(expected);
  });

  it('open nothing of a deleted vault, whatever any of them and any HSM session still knows', async () => {
    const vault = await newVault(owner);
    const url = secretUrl(vault, 'a');
    (await owner.api.put(url, { value: 'v' })).as(201);
    await fifty(async (index) => (await through(index, owner).get(url)).as(200));
    await asSuperuser(stack, 'vault-svc', async (writer) => {
      // Keeps the sweep away, as a writer does that found the vault alive.
      await writer.query('BEGIN');
      await writer.query('SELECT FROM vaults WHERE id = $1 FOR KEY SHARE', [vault.id]);
      (await through(1, owner).delete(`/v1/vaults/${vault.id}`)).empty();
      const answers = await fifty((index) => through(index, owner).get(url));
      expect(countOf(answers, 404)).toBe(50);

      // Somebody with the database brings back all that the deletion left: the wrapped KEK is not among it.
      await asSuperuser(stack, 'vault-svc', (client) =>
        client.query('UPDATE vaults SET deleted_at = NULL WHERE id = $1', [vault.id]),
      );
      const tries = await fifty((index) => through(index, owner).get(url));
      expect(countOf(tries, 500)).toBe(50);
    });
  });
});
