import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KINDS, MATRIX } from './matrix-table.js';
import { nameOf, newWorld, operationsOf, statusOf, thingsFor, type Operation, type World } from './matrix.js';
import type { Document } from './openapi.js';
import { gateway, newOwner, registerAgent, type Owner } from './world.js';

let world: World;
let operations: Map<string, Operation>;

beforeAll(async () => {
  world = await newWorld();
  const document = (await world.api.get('/openapi.json')).as<Document>(200);
  operations = new Map(operationsOf(document).map((operation) => [nameOf(operation), operation]));
});

afterAll(() => world?.stack.stop());

const operationOf = (name: string): Operation => {
  const operation = operations.get(name);
  if (!operation) throw new Error(`The document has no ${name}: take its row out of matrix-table.ts.`);
  return operation;
};

/** Statuses by kind of caller. What a call has changed or used up is made anew before the next. */
async function statusesOf(operation: Operation): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  let things = await thingsFor(operation, world);
  for (const kind of KINDS) {
    const statuses: number[] = (found[kind] = []);
    for (const caller of world.callers[kind]) {
      const status = await statusOf(operation, caller, world, things);
      statuses.push(status);
      if (operation.method === 'GET' || status >= 300) continue;
      things = await thingsFor(operation, world);
      if (nameOf(operation) === 'DELETE /v1/auth/token') caller.token = await caller.renew?.();
    }
  }
  return found;
}

describe('the matrix', () => {
  it('has a row for every operation of the document', () => {
    const missing = [...operations.keys()].filter((name) => !MATRIX.has(name));
    const hint =
      'Each of these needs a row in matrix-table.ts: the operation, and the status for every kind of caller.';
    expect({ hint, missing }).toEqual({ hint, missing: [] });
  });

  it.each([...MATRIX])('is what happens: %s', async (name, row) => {
    const expected = KINDS.map((kind) => [kind, world.callers[kind].map(() => row[kind])]);
    expect(await statusesOf(operationOf(name))).toEqual(Object.fromEntries(expected));
  });

  it('has no place for personal API keys where an interactive login is needed', async () => {
    const barred = [...operations.values()].filter(({ interactive }) => interactive);
    expect(barred.length).toBeGreaterThan(5);
    for (const operation of barred) {
      const things = await thingsFor(operation, world);
      const status = await statusOf(operation, { token: world.personalKey }, world, things);
      expect([nameOf(operation), status]).toEqual([nameOf(operation), 403]);
    }
  });
});

describe('mass assignment', () => {
  let stranger: Owner;
  beforeAll(async () => {
    stranger = await newOwner();
  });

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
