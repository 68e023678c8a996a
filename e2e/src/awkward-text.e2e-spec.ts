import { describe, expect, it } from '@jest/globals';
import { trailWith } from './trail.js';
import type { Agent, Secret, Vault } from './types.js';
import { newOwner, newOwnerWithVault, randomEmail, randomPassword, registerAgent, secretUrl } from './world.js';

/** Text that databases, logs and JSON libraries stumble over, as it stands in a JSON document. */
const AWKWARD: [what: string, json: string][] = [
  ['a NUL', '"a\\u0000b"'],
  ['a lone high surrogate', '"a\\ud800b"'],
  ['a lone low surrogate', '"a\\udc00b"'],
  ['a noncharacter', '"a\\uffffb"'],
  ['a direction override', '"a\\u202eb"'],
  ['a quote, a backslash and a percent sign', '"a\'\\"\\\\%sb"'],
];

/** Stored as it came, or refused by name: never changed, never a failure of ours. */
const outcomes = [200, 201, 400];

const body = (json: string): Buffer => Buffer.from(json);

describe('awkward text', () => {
  it.each(AWKWARD)('in names and descriptions is kept or refused: %s', async (_, text) => {
    const owner = await newOwner();
    const vault = await owner.api.post('/v1/vaults', body(`{"name":${text},"description":${text}}`));
    const agent = await owner.api.post('/v1/agents', body(`{"name":${text},"description":${text},"scopes":[${text}]}`));
    for (const { status } of [vault, agent]) expect(outcomes).toContain(status);
    const { vaults } = (await owner.api.get('/v1/vaults')).as<{ vaults: Vault[] }>(200);
    const { agents } = (await owner.api.get('/v1/agents')).as<{ agents: Agent[] }>(200);
    if (vault.status === 201) expect(vaults.map(({ name }) => name)).toContain(JSON.parse(text));
    if (agent.status === 201) expect(agents.map(({ name }) => name)).toContain(JSON.parse(text));
  });

  it.each(AWKWARD)('in metadata is kept or refused: %s', async (_, text) => {
    const { owner, vault } = await newOwnerWithVault();
    const metadata = `{"key":${text},${text}:1}`;
    const put = await owner.api.put(secretUrl(vault, 'a'), body(`{"value":"v","metadata":${metadata}}`));
    expect(outcomes).toContain(put.status);
    if (put.status === 201)
      expect((await owner.api.get(secretUrl(vault, 'a'))).as<Secret>(200).metadata).toEqual(JSON.parse(metadata));
  });

  it.each(AWKWARD)('in rotation policies and shroud settings is kept or refused: %s', async (_, text) => {
    const { owner, vault } = await newOwnerWithVault();
    const put = await owner.api.put(secretUrl(vault, 'a'), body(`{"value":"v","rotation_policy":{"k":${text}}}`));
    const agent = await owner.api.post('/v1/agents', body(`{"name":"x","shroud_config":{"k":${text}}}`));
    for (const { status } of [put, agent]) expect(outcomes).toContain(status);
  });

  it.each(AWKWARD)('in signups and logins is kept or refused: %s', async (_, text) => {
    const { api } = await newOwner();
    const password = randomPassword();
    const signup = (email: string, name: string, secret: string) =>
      api.post('/v1/auth/signup', body(`{"email":${email},"display_name":${name},"password":${secret}}`));
    const answers = [
      await signup(JSON.stringify(randomEmail()), text, JSON.stringify(password)),
      await signup(`"${text.slice(1, -1)}@example.com"`, '"Ada"', JSON.stringify(password)),
      await signup(JSON.stringify(randomEmail()), '"Ada"', `"${password}${text.slice(1, -1)}"`),
    ];
    for (const { status } of answers) expect(outcomes).toContain(status);
    const login = await api.post('/v1/auth/token', body(`{"email":${text},"password":${text}}`));
    expect([400, 401]).toContain(login.status);
    const exchange = await api.post('/v1/auth/agent-token', body(`{"api_key":${text}}`));
    expect([400, 401]).toContain(exchange.status);
  });

  it.each(['%00', '%ED%A0%80', '%FF', '%27%22%5C', '%EF%BF%BF'])(
    'in queries matches nothing or is refused: %s',
    async (text) => {
      const { owner, vault } = await newOwnerWithVault();
      for (const query of [
        `/v1/vaults/${vault.id}/secrets?prefix=${text}`,
        `/v1/vaults/${vault.id}/secrets?cursor=${text}`,
        `/v1/audit/events?resource_id=${text}`,
        `/v1/audit/events?action=${text}`,
        `/v1/audit/events?actor_id=${text}`,
        `/v1/audit/events?cursor=${text}`,
      ])
        expect([query, outcomes]).toEqual([query, expect.arrayContaining([(await owner.api.get(query)).status])]);
    },
  );

  it('does not clog the trail: what comes after it arrives', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const { api, orgId } = owner;
    const unknown = '00000000-0000-7000-8000-000000000000';
    (await api.get(`/v1/vaults/${unknown}/secrets?prefix=%00`)).refused(404);
    for (const [, text] of AWKWARD) {
      await api.post('/v1/vaults', body(`{"name":${text}}`));
      await api.post('/v1/agents', body(`{"name":${text}}`));
      await api.put(secretUrl(vault, 'a'), body(`{"value":"v","metadata":{"k":${text}}}`));
    }
    const id = `after-${orgId}`;
    (await api.put(secretUrl(vault, 'after'), { value: 'v' }, { 'x-request-id': id })).as(201);
    await registerAgent(owner, { name: id });
    await trailWith(
      api,
      (event) => event.request_id === id,
      (event) => event.action === 'agent.register' && event.details['name'] === id,
    );
  });
});
