import { describe, expect, it } from '@jest/globals';
import type { Profile, Secret, SecretMetadata, Vault } from './types.js';
import { newAgent, newOwnerWithVault, secretUrl, type Owner, type WorkingAgent } from './world.js';

const ORGS = 6;
const ROUNDS = 5;

interface Org {
  owner: Owner;
  vault: Vault;
  reader: WorkingAgent;
  outsider: WorkingAgent;
}

/** Orgs that use the same paths and types for everything, so that only the values tell them apart. */
async function makeOrg(): Promise<Org> {
  const { owner, vault } = await newOwnerWithVault();
  (await owner.api.put(secretUrl(vault, 'shared/name'), { value: `of ${owner.orgId}` })).as(201);
  const reader = await newAgent(owner, [{ vault, pattern: 'shared/*' }]);
  return { owner, vault, reader, outsider: await newAgent(owner) };
}

const makeOrgs = (): Promise<Org[]> => Promise.all(Array.from({ length: ORGS }, makeOrg));

/** Every org at once, several times over, in an order that mixes them. */
const mixed = <T>(orgs: readonly Org[], work: (org: Org, round: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: ROUNDS }, (_, round) => orgs.map((org) => work(org, round))).flat());

describe('requests of many callers at the same moment', () => {
  it('read each its own secret, and whoever may not read gets nothing', async () => {
    const orgs = await makeOrgs();
    await mixed(orgs, async ({ owner, vault, reader, outsider }, round) => {
      const elsewhere = orgs.filter((org) => org.vault.id !== vault.id)[round % (ORGS - 1)] as Org;
      const url = secretUrl(vault, 'shared/name');
      const [mine, granted, refused, missing, foreign] = await Promise.all([
        owner.api.get(url),
        reader.api.get(url),
        outsider.api.get(url),
        owner.api.get(secretUrl(vault, 'shared/other')),
        reader.api.get(secretUrl(elsewhere.vault, 'shared/name')),
      ]);
      const value = `of ${owner.orgId}`;
      expect(mine.as<Secret>(200).value).toBe(value);
      expect(granted.as<Secret>(200).value).toBe(value);
      refused.refused(403);
      missing.refused(404);
      foreign.refused(404);
    });
  });

  it('write each its own secret', async () => {
    const orgs = await makeOrgs();
    await mixed(orgs, async ({ owner, vault }, round) => {
      const url = secretUrl(vault, `round/${round}`);
      const stored = (await owner.api.put(url, { value: `${round} of ${owner.orgId}` })).as<SecretMetadata>(201);
      expect(stored).toMatchObject({ path: `round/${round}`, version: 1 });
      expect((await owner.api.get(url)).as<Secret>(200)).toMatchObject({
        id: stored.id,
        value: `${round} of ${owner.orgId}`,
        created_by: `user:${owner.id}`,
      });
    });
  });

  it('are told each who they are', async () => {
    const orgs = await makeOrgs();
    await mixed(orgs, async ({ owner, reader }) => {
      const [person, agent] = await Promise.all([owner.api.get('/v1/auth/me'), reader.api.get('/v1/agents/me')]);
      expect(person.as<Profile>(200)).toMatchObject({ id: owner.id, org_id: owner.orgId });
      expect(agent.as(200)).toMatchObject({ id: reader.id, org_id: owner.orgId });
    });
  });

  it('do not fail for one another: a bad one beside good ones is refused alone', async () => {
    const { owner, vault, reader } = await makeOrg();
    const good = secretUrl(vault, 'shared/name');
    const huge = { value: 'x'.repeat(256 * 1024 + 1) };
    const answers = await Promise.all([
      reader.api.get(good),
      reader.api.get(`${good}?version=99`),
      reader.api.get(secretUrl(vault, 'forbidden')),
      owner.api.get(secretUrl({ id: owner.id }, 'shared/name')),
      owner.api.put(secretUrl(vault, 'a'), huge),
      owner.api.put(secretUrl(vault, 'a'), { value: 'fits' }),
      owner.api.put(secretUrl({ id: owner.id }, 'a'), { value: 'no such vault' }),
      reader.api.put(secretUrl(vault, 'a'), { value: 'may not' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 403, 404, 400, 201, 404, 403]);
  });
});
