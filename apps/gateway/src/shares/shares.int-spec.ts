import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DomainError, gone } from '@oneclaw/errors';
import { eventually } from '@oneclaw/testing';
import { problemOf, send, type Send } from '../testing/http-client.js';
import { StubWorld } from '../testing/stub-world.js';

const ID = '0b4f1b8e-1111-4000-8000-000000000001';
const URL = `GET /v1/share/${ID}`;

let world: StubWorld;
let port: number;
/** What reached the services behind, in order. */
let asked: string[];
let opened: { passphrase?: string | undefined; facts: string; caller: string | undefined }[];
let sharer: { orgId: string; principalType: string; principalId: string; hasRecipient: boolean };

beforeAll(async () => {
  world = await StubWorld.start();
  ({ httpPort: port } = await world.gateway());
});
afterAll(() => world?.close());

beforeEach(() => {
  [asked, opened] = [[], []];
  sharer = { orgId: randomUUID(), principalType: 'agent', principalId: randomUUID(), hasRecipient: false };
  world.shareAccess.findSharer = async () => {
    asked.push('findSharer');
    return sharer;
  };
  world.auth.directory.statePrincipal = async (request) => {
    asked.push('statePrincipal');
    return { facts: `facts of ${request.principalType}:${request.principalId} in ${request.orgId}` };
  };
  world.shareAccess.openShare = async ({ passphrase, sharerFacts: facts }, { caller }) => {
    asked.push('openShare');
    opened.push({ passphrase, facts, caller: caller?.id });
    return { id: ID, path: 'a', type: 'generic', value: Buffer.from('v'), accessCount: 1 };
  };
});

const open = (options: Send = {}) => send(port, URL, options);

describe('a share that is opened', () => {
  it('is opened by the right of whoever shared, as auth-svc states it, for nobody in particular', async () => {
    const { status, text } = await open();
    expect([status, JSON.parse(text)]).toEqual([
      200,
      { id: ID, path: 'a', type: 'generic', value: 'v', access_count: 1, max_access_count: null },
    ]);
    const facts = `facts of agent:${sharer.principalId} in ${sharer.orgId}`;
    expect(opened).toEqual([{ passphrase: undefined, facts, caller: undefined }]);
    expect(asked).toEqual(['findSharer', 'statePrincipal', 'openShare']);
  });

  it('counts for the org of the share and for no other, and not where it does not open', async () => {
    const { token, caller } = await world.auth.newCaller();
    const usage = () => world.usage.filter(({ orgId }) => [sharer.orgId, caller.orgId].includes(orgId));
    await open({ token });
    const counted = {
      type: 'anonymous',
      orgId: sharer.orgId,
      method: 'GET',
      path: '/v1/share/:share_id',
      statusCode: 200,
    };
    await eventually(() => expect(usage()).toEqual([counted]));
    world.shareAccess.openShare = () => Promise.reject(gone('Over.'));
    expect((await open({ token })).status).toBe(410);
    await open({ headers: { accept: 'text/html' } });
    expect(usage()).toHaveLength(1);
  });

  it('knows who comes with a good token, and nobody by a bad one', async () => {
    const person = await world.auth.newCaller();
    for (const token of [person.token, 'nonsense', '1ck_nonsense']) expect((await open({ token })).status).toBe(200);
    expect((await open({ headers: { authorization: 'Basic x' } })).status).toBe(200);
    expect(opened.map(({ caller }) => caller)).toEqual([person.caller.id, undefined, undefined, undefined]);
  });

  it('is told the passphrase of the header, whether it was sent as UTF-8 or as Latin-1', async () => {
    const send = (passphrase: Buffer | string) =>
      open({ headers: { 'x-share-passphrase': Buffer.from(passphrase as string).toString('latin1') } });
    await send('schöne Grüße 🦀');
    await send(Buffer.from('schöne Grüße', 'latin1'));
    await send('');
    expect(opened.map(({ passphrase }) => passphrase)).toEqual(['schöne Grüße 🦀', 'schöne Grüße', undefined]);
  });

  it('is closed to a key whose scopes are about something else, which is in no link’s way', async () => {
    const key = { sessionKind: 'api_key' as const, areaScopes: ['secrets:read'] };
    const { token, caller } = await world.auth.newCaller(key);
    expect((await open({ token })).status).toBe(200);
    expect(opened.map(({ caller }) => caller)).toEqual([undefined]);
    sharer.hasRecipient = true;
    const refused = await open({ token, headers: { 'x-request-id': 'out-of-scope' } });
    expect([refused.status, problemOf(refused).detail]).toEqual([403, 'The scopes of this API key do not cover this.']);
    expect(world.auth.refusals.filter(({ requestId }) => requestId === 'out-of-scope')).toMatchObject([
      { action: 'share.access', resourceType: 'share', resourceId: ID },
    ]);
    expect(opened).toHaveLength(1);
    const covering = await world.auth.newCaller({ ...key, areaScopes: ['shares:read'] });
    expect((await open({ token: covering.token })).status).toBe(200);
    expect(opened.at(-1)?.caller).toBe(covering.caller.id);
    expect(caller.id).not.toBe(covering.caller.id);
  });

  it('is not opened where auth-svc cannot be asked', async () => {
    world.auth.directory.statePrincipal = () => Promise.reject(new DomainError('unavailable', 'Away.'));
    expect((await open()).status).toBe(503);
    expect(opened).toEqual([]);
  });

  it('passes on which passphrase is the matter', async () => {
    const fields = { 'x-share-passphrase': 'is wrong' };
    world.shareAccess.openShare = () =>
      Promise.reject(new DomainError('permission_denied', 'The passphrase is wrong.', { fields }));
    const reply = await open();
    expect([reply.status, problemOf(reply).fields]).toEqual([403, fields]);
  });
});

describe('a browser', () => {
  it('gets the page, and no service hears of it', async () => {
    const headers = { accept: 'text/html,*/*;q=0.8' };
    const pages = await Promise.all([open({ headers }), send(port, 'GET /v1/share/x', { headers, token: 'nonsense' })]);
    for (const { status, headers, text } of pages) {
      expect([status, headers['content-type'], headers['vary']]).toEqual([200, 'text/html; charset=utf-8', 'Accept']);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'/);
      expect(text).toContain('<script src="/pages/share.js">');
    }
    expect(asked).toEqual([]);
    expect((await send(port, `DELETE /v1/share/${ID}`, { headers })).status).toBe(401);
    expect((await send(port, 'GET /v1/vaults', { headers })).status).toBe(401);
  });

  it('counts towards the rate limit, as any other client', async () => {
    const { httpPort } = await world.gateway({ RATE_LIMIT_PER_SECOND: '1', RATE_LIMIT_BURST: '1' });
    const headers = { accept: 'text/html' };
    expect((await send(httpPort, URL, { headers })).status).toBe(200);
    expect((await send(httpPort, URL, { headers })).status).toBe(429);
  });
});

describe('a new share', () => {
  const body = { recipient_type: 'anyone_with_link', expires_at: '2030-01-01T00:00:00Z' };
  const create = (token: string, fields: object = {}) =>
    send(port, `POST /v1/secrets/${ID}/share`, { token, body: { ...body, ...fields } });

  it('carries auth-svc’s word on a recipient who is named, and asks for none otherwise', async () => {
    const { token } = await world.auth.newCaller();
    const attested: string[] = [];
    world.auth.directory.attestPrincipal = async ({ principalType, principalId }) => {
      attested.push(`${principalType}:${principalId}`);
      return { attestation: 'a word' };
    };
    const words: string[] = [];
    world.shares.createShare = async ({ recipientAttestation, recipientType }) => {
      words.push(recipientAttestation);
      const share = {
        id: ID,
        secretPath: 'a',
        recipientType,
        expiresAt: new Date(body.expires_at),
        createdAt: new Date(),
      };
      return { share };
    };
    const reply = await create(token);
    expect([reply.status, JSON.parse(reply.text)]).toEqual([
      201,
      {
        id: ID,
        share_url: `http://localhost:8080/v1/share/${ID}`,
        recipient_type: 'anyone_with_link',
        expires_at: '2030-01-01T00:00:00.000Z',
        max_access_count: null,
      },
    ]);
    await create(token, { recipient_type: 'user', recipient_id: ID.toUpperCase() });
    await create(token, { recipient_type: 'external_email', recipient_id: ID, email: 'a@example.com' });
    expect([attested, words]).toEqual([[`user:${ID}`], ['', 'a word', '']]);
  });
});
