import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Document } from './openapi.js';
import { bodyOf, furnish, operationsOf, urlOf, type Cell, type Furnished } from './matrix.js';
import { gateway, newOwner, registerAgent, type Owner } from './world.js';

let cells: Cell[];
let world: Furnished;
let stranger: Owner;
/** A token that worked and was revoked. */
let revoked: string;

beforeAll(async () => {
  cells = operationsOf((await gateway().get('/openapi.json')).as<Document>(200));
  world = await furnish();
  stranger = await newOwner();
  const gone = await newOwner();
  revoked = gone.api.token ?? '';
  (await gone.api.delete('/v1/auth/token')).empty();
});

const known = (cell: Cell) => cell.callers.anyone !== true;
const call = (cell: Cell, token: string | undefined) =>
  world.owner.api
    .as(token)
    .send(cell.method, urlOf(cell, world), cell.hasBody ? bodyOf(cell, world) : undefined)
    .then(({ status }) => [`${cell.method} ${cell.template}`, status]);

/** The status of every cell that should have one, beside the one that it has. */
async function statuses(of: Cell[], token: string | undefined): Promise<[string, unknown][]> {
  const found: [string, unknown][] = [];
  for (const cell of of) found.push((await call(cell, token)) as [string, unknown]);
  return found;
}

const all = (of: Cell[], status: number) => of.map((cell) => [`${cell.method} ${cell.template}`, status]);

describe('over every operation of the OpenAPI document', () => {
  it('it is written who may call it', () => {
    expect(cells.filter(({ callers }) => callers === undefined)).toEqual([]);
    expect(cells.length).toBeGreaterThan(30);
  });

  it.each([
    ['no token', () => undefined],
    ['a token that is none', () => 'eyJhbGciOiJFZERTQSJ9.e30.AAAA'],
    ['a revoked token', () => revoked],
  ])('%s is 401 where a caller is needed', async (_name, token) => {
    const needing = cells.filter(known);
    expect(await statuses(needing, token())).toEqual(all(needing, 401));
  });

  it('a stale token is ignored where none is needed', async () => {
    const open = cells.filter((cell) => !known(cell));
    const refused = (await statuses(open, revoked)).filter(
      ([name, status]) => status === 401 && !MAY_ANSWER_401.has(name),
    );
    expect(refused).toEqual([]);
  });

  it('an agent is 403 where agents may not call, or may call for themselves only', async () => {
    const barred = cells.filter((cell) => known(cell) && cell.callers.agents !== true && cell.callers.users === true);
    expect(await statuses(barred, world.agent.api.token)).toEqual(all(barred, 403));
  });

  it('a person is 403 where only agents may call', async () => {
    const barred = cells.filter((cell) => known(cell) && cell.callers.users === false);
    expect(barred.length).toBeGreaterThan(0);
    expect(await statuses(barred, world.owner.api.token)).toEqual(all(barred, 403));
  });

  it('a personal API key is 403 where an interactive login is needed', async () => {
    const barred = cells.filter(({ callers }) => callers.interactive === true);
    expect(barred.length).toBeGreaterThan(0);
    expect(await statuses(barred, world.personalKey)).toEqual(all(barred, 403));
  });

  it('a member is 403 where only owners and admins may call', async () => {
    const barred = cells.filter(({ callers }) => callers.only === 'managers');
    expect(barred.length).toBeGreaterThan(0);
    expect(await statuses(barred, world.member.api.token)).toEqual(all(barred, 403));
  });

  it("another org's owner is 404 wherever a path names something", async () => {
    const naming = cells.filter(
      (cell) => cell.served && known(cell) && cell.callers.users === true && cell.template.includes('{'),
    );
    expect(await statuses(naming, stranger.api.token)).toEqual(all(naming, 404));
  });

  it('nothing of the org was changed by all that', async () => {
    const { values, owner } = world;
    (await owner.api.get(`/v1/vaults/${values['vault_id']}/secrets/a/b`)).as(200);
    const record = (await owner.api.get(`/v1/agents/${values['agent_id']}`)).as<{ name: string; is_active: boolean }>(
      200,
    );
    expect(record).toMatchObject({ name: 'an agent', is_active: true });
  });
});

/** Public, and 401 by their own rules: the credentials in the body are not right. */
const MAY_ANSWER_401 = new Set([
  'POST /v1/auth/token',
  'POST /v1/auth/agent-token',
  'POST /v1/auth/mfa/verify',
  'POST /v1/auth/api-key-token',
  'POST /v1/auth/google',
]);

describe('mass assignment', () => {
  const stolen = (owner: Owner) => ({
    id: owner.id,
    org_id: owner.orgId,
    created_by: owner.id,
    created_at: '2001-01-01T00:00:00Z',
  });

  it('puts nothing into another org, and chooses neither id, role nor author', async () => {
    const mine = await newOwner(gateway(), { ...stolen(stranger), role: 'platform_admin', email_verified: true });
    expect(mine.orgId).not.toBe(stranger.orgId);
    expect(mine.id).not.toBe(stranger.id);
    const profile = (
      await mine.api.send('PATCH', '/v1/auth/me', { ...stolen(stranger), role: 'member', email: 'x@example.com' })
    ).as<Record<string, unknown>>(200);
    expect(profile).toMatchObject({
      id: mine.id,
      org_id: mine.orgId,
      role: 'owner',
      email: mine.email,
      email_verified: false,
    });
    const vault = (await mine.api.post('/v1/vaults', { name: 'v', ...stolen(stranger), created_by_type: 'system' })).as<
      Record<string, unknown>
    >(201);
    expect(vault).toMatchObject({ created_by: mine.id, created_by_type: 'user' });
    const agent = await registerAgent(mine, { ...stolen(stranger), is_active: false, ssh_public_key: 'AAAA' });
    expect(agent.record).toMatchObject({ is_active: true });
    expect([stranger.id, agent.record.ssh_public_key]).not.toContain(agent.id);
    expect((await stranger.api.get('/v1/vaults')).as<{ vaults: unknown[] }>(200).vaults).toEqual([]);
    expect((await stranger.api.get('/v1/agents')).as<{ agents: unknown[] }>(200).agents).toEqual([]);
  });
});
