import { describe, expect, it } from '@jest/globals';
import { countOf } from './answer.js';
import { mailTo } from './mails.js';
import { by, trailWith } from './trail.js';
import type { Agent, Token } from './types.js';
import { gateway, gateways, newOwner, randomEmail } from './world.js';

const SUBJECT = /^An agent asks to work for you$/;
const enroll = (human_email: unknown, fields: Record<string, unknown> = {}, at = gateway()) =>
  at.post('/v1/agents/enroll', { name: 'research bot', human_email, ...fields });

describe('POST /v1/agents/enroll', () => {
  it('mails id and key of a new agent to the human, who finds it among the agents', async () => {
    const owner = await newOwner();
    const answer = await enroll(owner.email, { name: '<b>bot</b>', description: 'reads "papers" & more' });
    const { agent_id, ...rest } = answer.as<{ agent_id: string; message: string }>(201);
    expect(Object.keys(rest)).toEqual(['message']);
    const { text, html } = await mailTo(owner.email, SUBJECT);
    const [apiKey] = /ocv_[\w-]{43}/.exec(text) ?? [];
    expect(text).toContain(agent_id);
    expect(html).toContain('&lt;b&gt;bot&lt;/b&gt;');
    expect(html).not.toContain('<b>bot');
    const { agents } = (await owner.api.get('/v1/agents')).as<{ agents: Agent[] }>(200);
    expect(agents).toMatchObject([{ id: agent_id, name: '<b>bot</b>', auth_method: 'api_key', is_active: true }]);
    const days = (new Date(agents[0]?.expires_at ?? 0).getTime() - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.9);
    const { access_token } = (await gateway().post('/v1/auth/agent-token', { agent_id, api_key: apiKey })).as<Token>(
      200,
    );
    const me = (await gateway().as(access_token).get('/v1/agents/me')).as<Agent & Record<string, unknown>>(200);
    expect(me).toMatchObject({ id: agent_id, org_id: owner.orgId, created_by: owner.id });
    expect(me.expires_at ?? null).toBeNull();
    const [event] = (await trailWith(owner.api, by('agent.enroll'))).filter(by('agent.enroll'));
    expect(event).toMatchObject({ resource_id: agent_id, actor_type: 'anonymous' });
  });

  it('answers alike for an address of nobody', async () => {
    const known = await newOwner();
    const answers = [await enroll(known.email), await enroll(randomEmail())];
    const shapes = answers.map((answer) => {
      const { agent_id, ...rest } = answer.as<{ agent_id: string }>(201);
      expect(agent_id[14]).toBe('4');
      return JSON.stringify([rest, [...Object.keys(answer.headers)].sort(), answer.header('content-length')]);
    });
    expect(new Set(shapes).size).toBe(1);
    await mailTo(known.email, SUBJECT);
  });

  it.each([
    ['a known address', async () => (await newOwner()).email],
    ['an unknown address', async () => randomEmail()],
  ])('lets one of ten at once through two gateways for %s, in any spelling', async (_what, addressOf) => {
    const email = await addressOf();
    const spellings = [email, email.toUpperCase(), ` ${email}`];
    const at = gateways();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        enroll(spellings[index % 3], {}, at[index % at.length]?.from(`10.9.${index}.1`)),
      ),
    );
    expect([countOf(answers, 201), countOf(answers, 429)]).toEqual([1, 9]);
    for (const answer of answers.filter(({ status }) => status === 429)) {
      const seconds = Number(answer.header('retry-after'));
      expect(seconds).toBeGreaterThan(500);
      expect(seconds).toBeLessThanOrEqual(600);
    }
  });

  it('lets an address on the network ask five times at once', async () => {
    const at = gateway();
    const answers = await Promise.all(Array.from({ length: 12 }, () => enroll(randomEmail(), {}, at)));
    expect(countOf(answers, 201)).toBeGreaterThanOrEqual(5);
    expect(countOf(answers, 201)).toBeLessThanOrEqual(8);
    expect(countOf(answers, 201) + countOf(answers, 429)).toBe(12);
  });

  it('does not look at the Authorization header', async () => {
    (await enroll(randomEmail(), {}, gateway().as('stale'))).as(201);
  });

  it.each([
    ['name', { name: undefined }],
    ['name', { name: '' }],
    ['name', { name: 'x'.repeat(129) }],
    ['name', { name: 7 }],
    ['description', { description: 'x'.repeat(1025) }],
    ['description', { description: {} }],
    ['human_email', { human_email: undefined }],
    ['human_email', { human_email: 'nobody' }],
    ['human_email', { human_email: ['a@example.com'] }],
  ])('refuses a bad %s: %j', async (field, fields) => {
    (await enroll(randomEmail(), fields)).invalid(field);
  });
});
