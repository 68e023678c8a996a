import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isDomainError } from '@oneclaw/errors';
import { type AuthWorld, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { newMember } from '../testing/orgs.js';
import { anonymous, createAgent, exchangeKey, type Human, PASSWORD, refusalOf, signUp } from '../testing/people.js';

let world: AuthWorld;
beforeAll(async () => (world = await startAuthWorld()));
afterAll(() => world.close());

const remove = ({ call }: Human, confirmation = 'DELETE MY ACCOUNT') =>
  world.profiles.deleteAccount({ confirmation }, call);

async function kindsOf(orgId: string): Promise<[string, string][]> {
  const { identity } = await recordedEvents(world.owner);
  return identity
    .filter((event) => event.orgId === orgId && event.kind.endsWith('.deleted'))
    .map(({ kind, subjectId }) => [kind, subjectId]);
}

describe('the last member of an org who deletes the account', () => {
  it('takes the org and its agents along, and is told of in events', async () => {
    const owner = await signUp(world);
    const { apiKey } = await createAgent(world, owner);
    const agentToken = (await exchangeKey(world, apiKey))!.accessToken;
    await remove(owner);
    expect(await refusalOf(world, owner.token)).toBe('principal_gone');
    expect(await refusalOf(world, agentToken)).toBe('principal_gone');
    expect(await exchangeKey(world, apiKey)).toBeUndefined();
    await expect(world.accounts.logIn({ email: owner.email, password: PASSWORD }, anonymous())).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    const { rows } = await world.owner.query('SELECT FROM orgs WHERE id = $1', [owner.orgId]);
    expect(rows).toEqual([]);
    expect(await kindsOf(owner.orgId)).toEqual([
      ['user.deleted', owner.id],
      ['org.deleted', owner.orgId],
    ]);
    const { audit } = await recordedEvents(world.owner);
    const actions = audit.filter((event) => event.orgId === owner.orgId).map(({ action }) => action);
    expect(actions.slice(-2)).toEqual(['user.delete', 'org.delete']);
  });

  it('leaves the address free for a new account', async () => {
    const first = await signUp(world, 'reborn@example.com');
    await remove(first);
    const second = await signUp(world, 'reborn@example.com');
    expect(second.id).not.toBe(first.id);
  });
});

describe('a member of an org with others who deletes the account', () => {
  it('leaves the org as it is', async () => {
    const owner = await signUp(world);
    const leaving = await newMember(world, owner, 'member');
    await remove(leaving);
    expect(await refusalOf(world, owner.token)).toBe('');
    expect(await kindsOf(owner.orgId)).toEqual([['user.deleted', leaving.id]]);
  });

  it('cannot be its last owner', async () => {
    const owner = await signUp(world);
    await newMember(world, owner, 'admin');
    await expect(remove(owner)).rejects.toMatchObject({ code: 'conflict' });
    expect(await refusalOf(world, owner.token)).toBe('');
    await newMember(world, owner, 'owner');
    await remove(owner);
  });

  it('does not leave it without an owner, though both owners go at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const owner = await signUp(world);
      const other = await newMember(world, owner, 'owner');
      await newMember(world, owner, 'member');
      const outcomes = await Promise.all([owner, other].map((each) => remove(each).catch((error: unknown) => error)));
      expect(outcomes.filter((outcome) => isDomainError(outcome, 'conflict'))).toHaveLength(1);
    }
  });
});

describe('deleting an account', () => {
  it.each(['', 'delete my account', 'DELETE MY ACCOUNT '])('needs the phrase, not %j', async (confirmation) => {
    const owner = await signUp(world);
    await expect(remove(owner, confirmation)).rejects.toMatchObject({
      code: 'invalid_argument',
      fields: { confirmation: expect.any(String) },
    });
    expect(await refusalOf(world, owner.token)).toBe('');
  });

  it('happens once', async () => {
    const owner = await signUp(world);
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => remove(owner).catch((error: unknown) => error)));
    expect(outcomes.filter((outcome) => isDomainError(outcome, 'not_found'))).toHaveLength(4);
    expect(await kindsOf(owner.orgId)).toHaveLength(2);
  });

  it('changes nothing when its events cannot be committed', async () => {
    const owner = await signUp(world);
    await world.owner.query(`REVOKE INSERT ON outbox FROM ${world.database.name}`);
    await expect(remove(owner)).rejects.toMatchObject({ code: 'unavailable' });
    await world.owner.query(`GRANT INSERT ON outbox TO ${world.database.name}`);
    expect(await refusalOf(world, owner.token)).toBe('');
  });
});
