import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { transaction } from '@oneclaw/database';
import { NatsLink } from '@oneclaw/events';
import { Metrics } from '@oneclaw/telemetry';
import { v7 as uuidv7 } from 'uuid';
import { counted, logger, startBillingWorld, type BillingWorld } from '../testing/billing-world.js';
import { IdentityIntake } from './identity-intake.js';

/** Nobody listens there. */
const NO_NATS = 'nats://127.0.0.1:9';

describe('an org that is no more', () => {
  let world: BillingWorld;
  let nats: NatsLink;
  let intake: IdentityIntake;

  beforeAll(async () => {
    world = await startBillingWorld();
    nats = new NatsLink({ url: NO_NATS, name: 'billing-svc', logger });
    intake = new IdentityIntake(world.dataSource, nats, world.plans, world.leases, new Metrics('test'), logger);
  });
  afterAll(async () => {
    await nats.close();
    await world.close();
  });

  const hear = (orgId: string, kind: string) =>
    transaction(world.dataSource, (manager) => {
      const event = { id: uuidv7(), orgId, kind, subjectId: orgId, occurredAt: new Date() };
      return intake.apply(manager, [{ id: event.id, producer: 'auth-svc', event }]);
    });

  it('leaves neither plan nor lease, however often that is told; what it used stays counted', async () => {
    const orgId = uuidv7();
    const leaseId = uuidv7();
    await world.override(orgId, 10);
    await world.claim({ leaseId, orgId, waiting: 4 });
    await world.count([counted(orgId, world.clock.now(), { leaseId })]);
    for (let round = 0; round < 2; round += 1) await hear(orgId, 'org.deleted');
    expect(await world.plansService.get(orgId)).toMatchObject({ requests: 1000 });
    expect(await world.claim({ leaseId, orgId, number: 2 })).toBeNull();
    expect(await world.requestsOf(orgId)).toBe(1);
  });

  it('is not one whose members or agents come and go', async () => {
    const orgId = uuidv7();
    await world.override(orgId, 10);
    for (const kind of ['user.deleted', 'agent.deactivated', 'org.created']) await hear(orgId, kind);
    expect(await world.plansService.get(orgId)).toMatchObject({ requests: 10 });
  });
});
