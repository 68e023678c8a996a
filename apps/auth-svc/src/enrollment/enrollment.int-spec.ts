import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isDomainError } from '@oneclaw/errors';
import { eventually, startNats, type TestNats } from '@oneclaw/testing';
import { type AuthWorld, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { FakeSmtp } from '../testing/fake-smtp.js';
import { anonymous, exchangeKey, type Human, refusalOf, signUp } from '../testing/people.js';

let nats: TestNats;
let smtp: FakeSmtp;
let world: AuthWorld;
beforeAll(async () => {
  nats = await startNats();
  smtp = await FakeSmtp.start();
  world = await startAuthWorld({ natsUrl: nats.url, SMTP_URL: smtp.url });
});
afterAll(async () => {
  await world.close();
  await smtp.close();
  await nats.dispose();
});

const enroll = (
  humanEmail: string,
  fields: { name?: string; description?: string } = {},
  at: Pick<AuthWorld, 'enrollment'> = world,
) => at.enrollment.enrollAgent({ name: 'research bot', humanEmail, ...fields }, anonymous());

/** The key in the mail about an agent. */
async function mailedKey(email: string, agentId: string): Promise<string> {
  return eventually(() => {
    const mail = smtp.mailsTo(email).find(({ source }) => source.includes(agentId));
    expect(mail).toBeDefined();
    return /ocv_[\w-]{43}/.exec(mail!.source)?.[0] as string;
  });
}

const agentsOf = async (owner: Human) => (await world.agents.listAgents({}, owner.call)).agents;

/** Until every enrolment taken in so far is carried out. */
async function settled(): Promise<void> {
  await eventually(async () => {
    const { rows } = await world.owner.query('SELECT FROM enrollments WHERE user_id IS NOT NULL');
    expect(rows).toHaveLength(0);
    return true;
  });
}

describe('an agent that enrols itself with a known address', () => {
  it('comes into being, and its key reaches the human alone', async () => {
    const owner = await signUp(world);
    const { agentId } = await enroll(owner.email.toUpperCase(), { description: 'reads <b>papers</b>' });
    const apiKey = await mailedKey(owner.email, agentId);
    const [agent] = await agentsOf(owner);
    expect(agent).toMatchObject({
      id: agentId,
      name: 'research bot',
      description: 'reads <b>papers</b>',
      authMethod: 'api_key',
      isActive: true,
      scopes: [],
      createdBy: owner.id,
      orgId: owner.orgId,
    });
    const days = (agent!.expiresAt!.getTime() - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.99);
    expect(days).toBeLessThanOrEqual(7);
    const { source } = smtp.mailsTo(owner.email).at(-1)!;
    expect(source).toContain('reads &lt;b&gt;papers&lt;/b&gt;');
    expect(await exchangeKey(world, apiKey, agentId)).toBeDefined();
    const { audit, identity, raw } = await recordedEvents(world.owner);
    expect(audit.find((event) => event.action === 'agent.enroll')).toMatchObject({
      orgId: owner.orgId,
      actorType: 'anonymous',
      resourceId: agentId,
      ipAddress: '192.0.2.7',
      details: { name: 'research bot', created_by: owner.id },
    });
    expect(identity.filter((event) => event.subjectId === agentId).map(({ kind }) => kind)).toEqual(['agent.created']);
    expect(raw.includes(apiKey)).toBe(false);
  });

  it('expires if it is not used, and stays once it is', async () => {
    const [one, other] = [await signUp(world), await signUp(world)];
    const [unused, used] = [(await enroll(one.email)).agentId, (await enroll(other.email)).agentId];
    const [unusedKey, usedKey] = [await mailedKey(one.email, unused), await mailedKey(other.email, used)];
    const first = (await exchangeKey(world, usedKey))!;
    await world.owner.query(
      `UPDATE agents SET unused_until = now() - interval '1 second' WHERE id = ANY($1) AND unused_until IS NOT NULL`,
      [[unused, used]],
    );
    expect(await exchangeKey(world, unusedKey)).toBeUndefined();
    expect(await exchangeKey(world, usedKey)).toBeDefined();
    expect(await refusalOf(world, first.accessToken)).toBe('');
    expect((await agentsOf(other))[0]).toMatchObject({ expiresAt: undefined });
  });

  it('keeps the expiry that its human gives it before it is used', async () => {
    const owner = await signUp(world);
    const { agentId } = await enroll(owner.email);
    const apiKey = await mailedKey(owner.email, agentId);
    const rename = { agentId, fields: ['name'], settings: { name: 'renamed' }, isActive: undefined };
    await world.agents.updateAgent(rename as never, owner.call);
    await exchangeKey(world, apiKey);
    expect((await agentsOf(owner))[0]).toMatchObject({ name: 'renamed', expiresAt: undefined });
  });

  it('is made once, by whichever replica, also after failures', async () => {
    const replica = await world.startReplica();
    const owner = await signUp(world);
    world.vault.provisioned.broken = true;
    const { agentId } = await enroll(owner.email, {}, replica);
    await eventually(async () => {
      const { rows } = await world.owner.query(
        'SELECT FROM enrollments WHERE agent_id = $1 AND next_attempt_at > clock_timestamp()',
        [agentId],
      );
      expect(rows).toHaveLength(1);
      return true;
    });
    world.vault.provisioned.broken = false;
    await world.owner.query('UPDATE enrollments SET next_attempt_at = now() WHERE agent_id = $1', [agentId]);
    await mailedKey(owner.email, agentId);
    expect(await agentsOf(owner)).toHaveLength(1);
    expect(smtp.mailsTo(owner.email).filter(({ source }) => source.includes(agentId))).toHaveLength(1);
  });
});

describe('an agent that enrols itself with an address of nobody', () => {
  it('gets the same answer, and leaves nothing but a hash', async () => {
    const email = `${randomUUID()}@example.com`;
    const answer = await enroll(email);
    expect(answer).toEqual({ agentId: expect.stringMatching(/^[0-9a-f-]{14}4/) });
    await settled();
    const { rows } = await world.owner.query('SELECT e::text AS row FROM enrollments e');
    const stored = rows.map(({ row }: { row: string }) => row).join();
    for (const trace of [answer.agentId, email, 'research bot']) expect(stored).not.toContain(trace);
    const { rows: agents } = await world.owner.query('SELECT FROM agents WHERE id = $1', [answer.agentId]);
    expect(agents).toEqual([]);
    const { raw } = await recordedEvents(world.owner);
    expect(raw.includes(answer.agentId)).toBe(false);
    expect(smtp.recipientsSeen).not.toContain(email);
  });
});

describe('the time that an answer takes', () => {
  it('does not tell known addresses from others', async () => {
    const rounds = 60;
    const known = Array.from({ length: rounds }, () => `${randomUUID()}@example.com`);
    await world.owner.query(
      `WITH u AS (INSERT INTO users (id, email, email_canonical, email_verified, auth_method)
                  SELECT gen_random_uuid(), address, address, true, 'password' FROM unnest($1::text[]) AS address RETURNING id),
            o AS (INSERT INTO orgs (id, name) SELECT id, 'theirs' FROM u)
       INSERT INTO memberships (org_id, user_id, role) SELECT id, id, 'owner' FROM u`,
      [known],
    );
    const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
    const measure = async (kind: 'known' | 'unknown', email: string) => {
      const start = performance.now();
      await enroll(email);
      times[kind].push(performance.now() - start);
      await settled();
    };
    for (const email of known) {
      await measure('known', email);
      await measure('unknown', `${randomUUID()}@example.com`);
    }
    const median = (all: number[]) => all.sort((a, b) => a - b)[rounds / 2] as number;
    const ratio = median(times.known) / median(times.unknown);
    // Making the agent takes many times as long as taking the request.
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(1.6);
  });

  it('is short while nothing can be made, and the latest request counts then', async () => {
    const owner = await signUp(world);
    world.vault.provisioned.broken = true;
    await enroll(owner.email);
    await world.owner.query(`UPDATE enrollments SET requested_at = now() - interval '601 seconds'`);
    const { agentId } = await enroll(owner.email);
    world.vault.provisioned.broken = false;
    await world.owner.query('UPDATE enrollments SET next_attempt_at = now()');
    await mailedKey(owner.email, agentId);
    expect((await agentsOf(owner)).map(({ id }) => id)).toEqual([agentId]);
  });
});

describe('the pause between enrolments', () => {
  it.each([
    ['a known address', async () => (await signUp(world)).email],
    ['an unknown address', async () => `${randomUUID()}@example.com`],
  ])('lets one of twenty parallel ones through for %s in any spelling, on two replicas', async (_what, addressOf) => {
    const replica = await world.startReplica();
    const email = await addressOf();
    const spellings = [email, email.toUpperCase(), ` ${email} `];
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        enroll(spellings[index % 3]!, {}, index % 2 ? world : replica).catch((error: unknown) => error),
      ),
    );
    const refused = outcomes.filter((outcome) => isDomainError(outcome, 'rate_limited'));
    expect(refused).toHaveLength(19);
    const [first] = refused as { retryAfterSeconds: number }[];
    expect(first!.retryAfterSeconds).toBeGreaterThan(590);
    expect(first!.retryAfterSeconds).toBeLessThanOrEqual(600);
  });

  it('is over after ten minutes', async () => {
    const email = `${randomUUID()}@example.com`;
    await enroll(email);
    await world.owner.query(`UPDATE enrollments SET requested_at = now() - interval '599 seconds'`);
    await expect(enroll(email)).rejects.toMatchObject({ code: 'rate_limited', retryAfterSeconds: 1 });
    await world.owner.query(`UPDATE enrollments SET requested_at = now() - interval '601 seconds'`);
    await enroll(email);
  });
});

describe('what an enrolment must say', () => {
  it.each([
    ['name', { name: '' }],
    ['name', { name: 'x'.repeat(129) }],
    ['name', { name: 'two\nlines' }],
    ['description', { description: 'x'.repeat(1025) }],
  ])('is a good %s', async (field, fields) => {
    await expect(enroll('somebody@example.com', fields)).rejects.toMatchObject({
      code: 'invalid_argument',
      fields: { [field]: expect.any(String) },
    });
  });

  it.each(['', 'nobody', 'a b@example.com'])('is an address, which %j is not', async (email) => {
    await expect(enroll(email)).rejects.toMatchObject({ fields: { human_email: expect.any(String) } });
  });
});
