import { X509Certificate, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DevCa, freePort, type Stack, type TlsFiles } from '@oneclaw/stack';
import { FakeOidcIssuer } from '@oneclaw/testing';
import { gatewayOf, ownStack } from './stacks.js';
import { by, trailWith } from './trail.js';
import type { Agent, Token } from './types.js';
import { newOwner, type Owner, registerAgent } from './world.js';

const HEADER = 'x-client-cert-sha256';
/** Loopback has more addresses than the one that is a trusted proxy here. */
const PROXY = '127.0.0.1';
const CLIENT = '127.0.0.2';

let folder: string;
let stack: Stack;
let issuer: FakeOidcIssuer;
let httpsPort: number;
let authority: string;
let files: Record<'agent' | 'other', TlsFiles>;
let owner: Owner;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'oneclaw-agents-'));
  const [ca, foreign] = [await DevCa.open(path.join(folder, 'ca')), await DevCa.open(path.join(folder, 'foreign'))];
  const server = await ca.issue('gateway');
  authority = readFileSync(server.ca, 'utf8');
  // Whoever issued a client's certificate does not matter.
  files = { agent: await foreign.issue('agent'), other: await foreign.issue('other') };
  httpsPort = await freePort();
  issuer = await FakeOidcIssuer.start();
  stack = await ownStack({
    env: {
      gateway: {
        HTTPS_LISTEN: `127.0.0.1:${httpsPort}`,
        HTTPS_CERT_FILE: server.cert,
        HTTPS_KEY_FILE: server.key,
        TRUSTED_PROXIES: PROXY,
        CLIENT_CERT_HEADER: HEADER,
      },
      'auth-svc': { OUTBOUND_ALLOW_HTTP: 'true', OUTBOUND_ALLOWED_TARGETS: '127.0.0.1' },
    },
  });
  owner = await newOwner(gatewayOf(stack));
});

afterAll(async () => {
  await stack?.stop();
  await issuer?.close();
  rmSync(folder, { recursive: true, force: true });
});

const fingerprintOf = ({ cert }: TlsFiles): string =>
  new X509Certificate(readFileSync(cert)).fingerprint256.replaceAll(':', '');

interface Ask {
  from: string;
  /** Over TLS, with this certificate or none. */
  tls?: TlsFiles | 'no certificate';
  headers?: Record<string, string | string[]>;
}

/** POST /v1/auth/agent-token as somebody with that address. */
async function ask(
  body: object,
  { from, tls, headers = {} }: Ask,
): Promise<{ status: number; body: Token & { detail?: string } }> {
  const payload = JSON.stringify(body);
  const common = {
    method: 'POST',
    path: '/v1/auth/agent-token',
    localAddress: from,
    agent: false as const,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload), ...headers },
  };
  const shown = typeof tls === 'object' ? { cert: readFileSync(tls.cert), key: readFileSync(tls.key) } : {};
  const { port } = new URL(stack.url);
  return new Promise((resolve, reject) => {
    const request =
      tls === undefined
        ? http.request({ ...common, host: '127.0.0.1', port })
        : https.request({
            ...common,
            host: '127.0.0.1',
            port: httpsPort,
            servername: 'localhost',
            ca: authority,
            ...shown,
          });
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Token }));
    });
    request.end(payload);
  });
}

describe('an agent with a client certificate', () => {
  const certified = (fields: object = {}) =>
    registerAgent(owner, { auth_method: 'mtls', client_cert_fingerprint: fingerprintOf(files.agent), ...fields });

  it('gets a token over our own TLS, which opens its profile', async () => {
    const { id } = await certified();
    const { status, body } = await ask({ agent_id: id }, { from: CLIENT, tls: files.agent });
    expect([status, Object.keys(body).sort()]).toEqual([200, ['access_token', 'expires_in', 'token_type']]);
    const me = (await gatewayOf(stack).as(body.access_token).get('/v1/agents/me')).as<Agent>(200);
    expect(me).toMatchObject({ id, auth_method: 'mtls' });
    await trailWith(owner.api, by('auth.success', id));
  });

  it('gets a token through a trusted proxy that says whose certificate it has seen', async () => {
    const { id } = await certified();
    for (const value of [fingerprintOf(files.agent), encodeURIComponent(readFileSync(files.agent.cert, 'utf8'))]) {
      expect(await ask({ agent_id: id }, { from: PROXY, headers: { [HEADER]: value } })).toMatchObject({ status: 200 });
    }
  });

  it('is not believed anybody else, nor a header that is there twice', async () => {
    const { id } = await certified();
    const claimed = fingerprintOf(files.agent);
    expect(await ask({ agent_id: id }, { from: CLIENT, headers: { [HEADER]: claimed } })).toMatchObject({
      status: 400,
    });
    const overTls: Ask = { from: CLIENT, tls: files.other, headers: { [HEADER]: claimed } };
    expect(await ask({ agent_id: id }, overTls)).toMatchObject({ status: 401 });
    const twice: Ask = { from: PROXY, headers: { [HEADER]: [claimed, claimed] } };
    expect(await ask({ agent_id: id }, twice)).toMatchObject({ status: 400 });
  });

  it('is refused alike for whatever is wrong, and needs a certificate at all', async () => {
    const [good, gone, withKey] = [await certified(), await certified(), await registerAgent(owner)];
    (await owner.api.delete(`/v1/agents/${gone.id}`)).empty();
    const tls = files.agent;
    const refusals = [
      await ask({ agent_id: good.id }, { from: CLIENT, tls: files.other }),
      await ask({ agent_id: gone.id }, { from: CLIENT, tls }),
      await ask({ agent_id: withKey.id }, { from: CLIENT, tls }),
      await ask({ agent_id: randomUUID() }, { from: CLIENT, tls }),
    ];
    expect(new Set(refusals.map(({ status, body }) => `${status} ${body.detail}`)).size).toBe(1);
    expect(refusals[0]?.status).toBe(401);
    expect(await ask({ agent_id: good.id }, { from: CLIENT, tls: 'no certificate' })).toMatchObject({ status: 400 });
    expect(await ask({}, { from: CLIENT, tls })).toMatchObject({ status: 400 });
  });

  it('does not keep an agent with a key from using it', async () => {
    const { id, apiKey } = await registerAgent(owner);
    const asked = await ask({ agent_id: id, api_key: apiKey }, { from: CLIENT, tls: files.other });
    expect(asked.status).toBe(200);
  });
});

describe('an agent with an issuer', () => {
  const clientOf = (fields: object = {}) =>
    registerAgent(owner, {
      auth_method: 'oidc_client_credentials',
      oidc_issuer: issuer.url,
      oidc_client_id: 'robot',
      ...fields,
    });
  const exchange = (agent_id: string | undefined, client_assertion: unknown) =>
    gatewayOf(stack).post('/v1/auth/agent-token', { agent_id, client_assertion });

  it('gets a token for a statement of its issuer', async () => {
    const { id } = await clientOf();
    const assertion = await issuer.token({ sub: 'robot', aud: 'oneclaw' });
    const { access_token } = (await exchange(id, assertion)).as<Token>(200);
    (await gatewayOf(stack).as(access_token).get('/v1/agents/me')).as(200);
  });

  it('is refused alike for whatever is wrong', async () => {
    const [good, elsewhere] = [await clientOf(), await clientOf({ oidc_issuer: 'http://127.0.0.1:1' })];
    const tries: [string, string][] = [
      [good.id, await issuer.token({ sub: 'another', aud: 'oneclaw' })],
      [good.id, await issuer.token({ sub: 'robot', aud: 'another' })],
      [good.id, await issuer.token({ sub: 'robot', aud: 'oneclaw', exp: 1 })],
      [good.id, 'nonsense'],
      [elsewhere.id, await issuer.token({ sub: 'robot', aud: 'oneclaw', iss: 'http://127.0.0.1:1' })],
      [randomUUID(), await issuer.token({ sub: 'robot', aud: 'oneclaw' })],
      [(await registerAgent(owner)).id, await issuer.token({ sub: 'robot', aud: 'oneclaw' })],
    ];
    const details = new Set<string>();
    for (const [id, assertion] of tries) details.add((await exchange(id, assertion)).refused(401).detail);
    expect(details.size).toBe(1);
  });

  it('must name itself, and say something', async () => {
    (await exchange(undefined, await issuer.token({ sub: 'robot', aud: 'oneclaw' }))).invalid('agent_id');
    (await exchange((await clientOf()).id, 7)).invalid('client_assertion');
    (await exchange((await clientOf()).id, null)).refused(400);
  });
});
