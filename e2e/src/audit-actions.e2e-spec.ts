import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AUDIT_ACTIONS } from '@oneclaw/events';
import { newWorld, walk, wholeTrail, type StoredEvent, type Walked, type World } from './audit-walk.js';
import { WALKS } from './audit-walks.js';
import { eventsOf } from './trail.js';

/** Happened before anybody could call. */
const AT_START = 'admin.bootstrap';

let world: World;
let walked: Walked[];
let failures: string[];
let trail: StoredEvent[];

beforeAll(async () => {
  world = await newWorld();
  ({ walked, failures } = await walk(world, WALKS));
  trail = await wholeTrail(world, walked);
});
afterAll(async () => {
  await world?.stack.stop();
  await world?.google.close();
});

describe('the actions of the trail', () => {
  it('are all walked: whoever adds one adds what does it to audit-walks.ts', () => {
    const walks = Object.entries(WALKS).filter(([name, { done, denied }]) => done ?? denied ?? name === AT_START);
    expect(walks.map(([name]) => name).sort()).toEqual([...AUDIT_ACTIONS].sort());
    expect(failures).toEqual([]);
  });

  const calls = Object.entries(WALKS).flatMap(([action, outcomes]) =>
    (['done', 'denied'] as const).filter((outcome) => outcomes[outcome]).map((outcome) => [action, outcome] as const),
  );

  it.each(calls)('have one event for one call, which says who, what and how it ended: %s, %s', (action, outcome) => {
    const call = walked.find((each) => each.action === action && each.outcome === outcome);
    if (!call) throw new Error('This call could not be made; see the test before.');
    const { orgId, by, about, details = {}, beside = [] } = call.told;
    const found = trail.filter(({ request_id }) => request_id === call.requestId);
    expect(found.map((event) => event.action).sort()).toEqual([action, ...beside].sort());
    const [event] = found.filter((each) => each.action === action);
    expect(event).toEqual({
      id: event?.id,
      request_id: call.requestId,
      org_id: orgId,
      action,
      actor_type: by.type,
      actor_id: by.id,
      resource_type: about[0],
      resource_id: about[1],
      details: expect.objectContaining(details),
    });
    expect(event?.details['outcome']).toBe(details['outcome']);
  });

  it('begin with that of the platform itself, once', () => {
    const begun = trail.filter(({ action }) => action === AT_START);
    expect(begun).toMatchObject([
      { actor_type: 'system', org_id: world.platform.orgId, resource_id: world.platform.id },
    ]);
  });

  it('are what the owner gets to see, and all of the org that there is', async () => {
    const ofTheOrg = trail.filter(({ org_id }) => org_id === world.owner.orgId).map(({ id }) => id);
    const seen = (await eventsOf(world.owner.api)).map(({ id }) => id);
    expect(seen).toEqual(expect.arrayContaining(ofTheOrg));
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('of any other name are not in it', () => {
    const names = new Set<string>(AUDIT_ACTIONS);
    expect(trail.filter(({ action }) => !names.has(action))).toEqual([]);
  });
});
