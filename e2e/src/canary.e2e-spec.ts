import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SERVICE_NAMES, type Stack } from '@oneclaw/stack';
import pg from 'pg';
import { Authenticator } from './authenticator.js';
import { ClientKey, rotationHeaders } from './client-key.js';
import { disguises } from './disguises.js';
import { invitationToken, verificationToken } from './mails.js';
import { inAnHour, share, shareUrl, storeSecret, withPassphrase } from './shares.js';
import { gatewayOf, ownStack } from './stacks.js';
import { by, trailWith } from './trail.js';
import type { AgentCreated, Login, MfaSetup, Secret, Token, Vault } from './types.js';
import { logIn, newAgent, newApiKey, newOwner, newVault, type Owner, randomEmail, secretUrl } from './world.js';

const DATABASES = SERVICE_NAMES.filter((name) => !['gateway', 'crypto-svc'].includes(name));

/** What must be found nowhere, by a name that may be shown. */
const canaries = new Map<string, Buffer>();

function canary(name: string, value = `${name}-${randomBytes(12).toString('hex')}`): string {
  canaries.set(name, Buffer.from(value));
  return value;
}

function findings(place: string, content: Buffer): string[] {
  return [...canaries].flatMap(([name, value]) =>
    disguises(value).some((disguise) => content.includes(disguise)) ? [`${name} in ${place}`] : [],
  );
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

/** Every row of every table of a service, as text; bytes show as hex. */
async function dump(connectionString: string): Promise<Buffer> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    const texts: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      texts.push(...rows.map(({ row }) => row));
    }
    return Buffer.from(texts.join('\n'));
  } finally {
    await client.end();
  }
}

describe('passwords, keys, tokens and secret values', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await ownStack({ durable: true, mail: true, env: { all: { LOG_LEVEL: 'debug' } } });
    await plant(stack);
  });

  afterAll(() => stack?.stop());

  it('are found in no log, not even at level debug', () => {
    const files = filesBelow(stack.state.logs);
    for (const name of SERVICE_NAMES) expect(files.some((file) => path.basename(file).startsWith(name))).toBe(true);
    expect(files.flatMap((file) => findings(path.basename(file), readFileSync(file)))).toEqual([]);
  });

  it('are found in no table of any service', async () => {
    const found: string[] = [];
    for (const name of DATABASES) {
      const content = await dump(stack.databaseUrl(name, 'superuser'));
      if (name === 'auth-svc' || name === 'vault-svc') expect(content.length).toBeGreaterThan(1000);
      found.push(...findings(`the database of ${name}`, content));
    }
    expect(found).toEqual([]);
  });

  it('are found in no file of the stack: NATS store, Postgres data and log, HSM token', async () => {
    await stack.postgres.asSuperuser('postgres', (client) => client.query('checkpoint'));
    // People's mailboxes, as it were: what is mailed to them stands there.
    const files = filesBelow(stack.state.path).filter((file) => !file.startsWith(stack.state.at('mail')));
    const places = ['nats/store/jetstream', 'postgres/pg_wal', 'postgres/base', 'softhsm/tokens', 'logs'];
    for (const place of places)
      expect([place, files.some((file) => file.startsWith(stack.state.at(place)))]).toEqual([place, true]);
    expect(files.flatMap((file) => findings(path.relative(stack.state.path, file), readFileSync(file)))).toEqual([]);
  });

  it('would be found, were they there', () => {
    const name = 'password';
    const value = canaries.get(name)?.toString() ?? '';
    const hidden = [value, Buffer.from(`x${value}y`).toString('base64'), `\\x${Buffer.from(value).toString('hex')}`];
    for (const text of hidden)
      expect(findings('a text', Buffer.from(`before ${text} after`))).toEqual([`${name} in a text`]);
  });
});

/** Sends canaries by every way that takes secrets, the right ones and the wrong ones. */
async function plant(stack: Stack): Promise<void> {
  const api = gatewayOf(stack);
  const credentials = { email: randomEmail(), password: canary('password') };
  const { email } = credentials;
  const owner = { ...(await newOwner(api, credentials)), ...credentials };
  canary('user token', signature(owner.api.token));
  (await api.post('/v1/auth/token', { email, password: canary('wrong-password') })).refused(401);
  (await api.post('/v1/auth/token', { email: 7, password: canary('password-beside-an-error') })).refused(400);

  const vault = await newVault(owner);
  const url = secretUrl(vault, 'a');
  const metadata = { note: 'not secret' };
  (await owner.api.put(url, { value: canary('old-value'), metadata })).as(201);
  (await owner.api.put(url, { value: canary('secret-value'), metadata })).as(201);
  (await owner.api.put(url, { value: canary('value-of-a-bad-type'), type: 'nonsense' })).refused(400);
  (await owner.api.put(secretUrl(vault, 'a..b'), { value: canary('value-of-a-bad-path') })).refused(400);
  (await owner.api.put(url, Buffer.from(`{"value":"${canary('value-in-broken-json')}`))).refused(400);
  (await api.put(url, { value: canary('value-without-a-token') })).refused(401);
  (await owner.api.delete('/v1/vaults/00000000-0000-7000-8000-000000000000')).refused(404);

  const agent = await newAgent(owner, [{ vault, pattern: '**' }]);
  canary('agent key', agent.apiKey.slice(4));
  canary('agent token', signature(agent.api.token));
  (await agent.api.get(url)).as<Secret>(200);
  (await agent.api.get(`${url}?version=1`)).as<Secret>(200);
  (await agent.api.put(url, { value: canary('value-of-a-refused-write') })).refused(403);
  const wrong = { agent_id: agent.id, api_key: `ocv_${canary('wrong-key', randomBytes(32).toString('base64url'))}` };
  (await api.post('/v1/auth/agent-token', wrong)).refused(401);
  (await api.as(canary('nonsense-token')).get('/v1/vaults')).refused(401);
  (await api.as(`1ck_${canary('personal-key', randomBytes(32).toString('base64url'))}`).get('/v1/vaults')).refused(401);

  const { vaults } = (await owner.api.get('/v1/vaults')).as<{ vaults: Vault[] }>(200);
  const keys = vaults.find((each) => each.created_by_type === 'system') as Vault;
  const policy = { secret_path_pattern: '**', principal_type: 'agent', principal_id: agent.id, permissions: ['read'] };
  (await owner.api.post(`/v1/vaults/${keys.id}/policies`, policy)).as(201);
  for (const kind of ['ssh', 'ecdh']) {
    const read = await agent.api.get(secretUrl(keys, `agents/${agent.id}/${kind}/private_key`));
    const { value } = read.as<Secret>(200);
    canary(`${kind} private key`, value);
    canaries.set(`${kind} private key, raw`, Buffer.from(value, 'base64'));
  }
  const rotated = (await owner.api.post(`/v1/agents/${agent.id}/rotate-key`)).as<AgentCreated>(200);
  canary('rotated key', (rotated.api_key ?? '').slice(4));
  const renewed = await logIn({ ...agent, apiKey: rotated.api_key ?? '' }, api);
  (await renewed.api.delete('/v1/auth/token')).empty();
  await plantShares(owner, vault);
  await plantClientKeys(owner);
  await plantCredentials(owner);
  await plantInvitation(owner, stack);
  await trailWith(owner.api, by('agent.rotate_key'), by('auth.logout'), by('mfa.disable'));
}

/** What opens shares, and what they show. */
async function plantShares(owner: Owner, vault: Vault): Promise<void> {
  const value = canary('shared-value');
  const secretId = await storeSecret(owner, vault, 'shared', { value });
  const passphrase = canary('passphrase');
  const made = await share(owner.api, secretId, { passphrase });
  const visitor = owner.api.as(undefined);
  (await visitor.get(shareUrl(made), withPassphrase(canary('wrong-passphrase')))).refused(403);
  (await visitor.get(shareUrl(made), withPassphrase(passphrase))).as(200);
  const body = { recipient_type: 'anyone_with_link', expires_at: inAnHour(), passphrase: canary('refused-passphrase') };
  (await owner.api.post(`/v1/secrets/${secretId}/share`, { ...body, expires_at: 'never' })).refused(400);
  (await visitor.post(`/v1/secrets/${secretId}/share`, body)).refused(401);
  await trailWith(owner.api, by('share.create'), by('share.access'));
}

/** Keys that a client keeps, and what it has encrypted with them: both are in the clear inside crypto-svc for a moment. */
async function plantClientKeys(owner: Owner): Promise<void> {
  const vault = await newVault(owner);
  const [oldKey, newKey, wrong] = [new ClientKey(), new ClientKey(), new ClientKey()];
  for (const [name, { bytes }] of Object.entries({ oldKey, newKey, wrong })) canaries.set(`client's ${name}`, bytes);
  const plaintext = canary('encrypted-by-the-client');
  (await owner.api.post(`/v1/vaults/${vault.id}/cmek`, { fingerprint: oldKey.fingerprint })).as(200);
  (await owner.api.put(secretUrl(vault, 'a'), { value: oldKey.encrypt(plaintext) })).as(201);
  const url = `/v1/vaults/${vault.id}/cmek-rotate`;
  const body = { new_fingerprint: newKey.fingerprint };
  (await owner.api.post(url, body, rotationHeaders(wrong, newKey))).refused(400);
  (
    await owner.api.post(url, body, { ...rotationHeaders(oldKey, newKey), 'x-cmek-new-key': `${wrong.base64}AAAA` })
  ).refused(400);
  (await owner.api.as(undefined).post(url, body, rotationHeaders(oldKey, newKey))).refused(401);
  (await owner.api.post(url, body, rotationHeaders(oldKey, newKey))).as(202);
  await trailWith(owner.api, ({ action, details }) => action === 'cmek.rotate' && details['status'] === 'completed');
  expect(newKey.decrypt((await owner.api.get(secretUrl(vault, 'a'))).as<Secret>(200).value)).toBe(plaintext);
}

/** What people log in with besides the password. */
async function plantCredentials(owner: Owner): Promise<void> {
  const { api, email, password } = owner;
  const { api_key } = await newApiKey(owner, { scopes: ['secrets:read'] });
  canary('own personal key', api_key.slice(4));
  const exchanged = (await api.as(undefined).post('/v1/auth/api-key-token', { api_key })).as<Token>(200);
  canary('token of a personal key', signature(exchanged.access_token));
  (await api.as(api_key).get('/v1/vaults')).refused(403);

  const { secret, otpauth_uri } = (await api.post('/v1/auth/mfa/setup')).as<MfaSetup>(200);
  canary('TOTP secret', secret);
  canary('otpauth URI', otpauth_uri);
  const authenticator = new Authenticator(secret);
  canaries.set('TOTP secret, raw', authenticator.bytes);
  const finished = await api.post('/v1/auth/mfa/verify-setup', { code: authenticator.next() });
  const { recovery_codes } = finished.as<{ recovery_codes: string[] }>(200);
  for (const [index, code] of recovery_codes.entries()) {
    canary(`recovery code ${index}`, code);
    canary(`recovery code ${index}, bare`, code.replaceAll('-', ''));
  }
  const login = (await api.as(undefined).post('/v1/auth/token', { email, password })).as<Login>(200);
  canary('MFA token', signature(login.mfa_token));
  const answer = { mfa_token: login.mfa_token, code: recovery_codes[0] };
  (await api.as(undefined).post('/v1/auth/mfa/verify', { ...answer, code: canary('wrong code') })).refused(401);
  (await api.as(undefined).post('/v1/auth/mfa/verify', answer)).as<Token>(200);
  (await api.send('DELETE', '/v1/auth/mfa', { code: recovery_codes[1] })).empty();
}

/** What is only told by mail. */
async function plantInvitation({ api }: Owner, { mail }: Stack): Promise<void> {
  const [email, password] = [randomEmail(), canary('password of the invited')];
  (await api.post('/v1/org/invite', { email })).as(200);
  const invite_token = canary('invitation token', await invitationToken(email, 1, mail?.restUrl));
  const signUp = (token: string) => api.as(undefined).post('/v1/auth/signup', { email, password, invite_token: token });
  (await signUp(canary('wrong invitation token'))).invalid('invite_token');
  (await signUp(invite_token)).as<Token>(200);
  const other = await newOwner(api.as(undefined));
  const token = canary('verification token', await verificationToken(other.email, mail?.restUrl));
  (await api.as(undefined).post('/v1/auth/verify-email', { token: canary('wrong verification token') })).refused(400);
  (await api.as(undefined).post('/v1/auth/verify-email', { token })).as<Token>(200);
}

/** The part of a token that makes it one; its claims are no secret. */
function signature(jwt = ''): string {
  return jwt.split('.')[2] ?? '';
}
