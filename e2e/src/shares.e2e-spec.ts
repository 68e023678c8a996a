import { describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';
import { mailsTo, mailTo } from './mails.js';
import {
  accept,
  inAnHour,
  listed,
  newSharer,
  share,
  shareUrl,
  storeSecret,
  verifyAddress,
  withPassphrase,
  type Share,
  type SharedSecret,
} from './shares.js';
import { by, denied, trailWith } from './trail.js';
import {
  gateway,
  gateways,
  grant,
  newAgent,
  newApiKey,
  newOwner,
  randomEmail,
  randomIp,
  registerAgent,
  logIn,
  secretUrl,
} from './world.js';

describe('POST /v1/secrets/:secret_id/share', () => {
  it('answers the share and where it opens', async () => {
    const { owner, secretId } = await newSharer();
    const expires_at = inAnHour();
    const made = await share(owner.api, secretId, { expires_at, max_access_count: 3, permissions: ['read'] });
    expect(made).toEqual({
      id: made.id,
      share_url: expect.stringMatching(new RegExp(`^https?://[^/]+/v1/share/${made.id}$`)),
      recipient_type: 'anyone_with_link',
      expires_at,
      max_access_count: 3,
    });
    expect(made.id[14]).toBe('4');
    expect((await share(owner.api, secretId)).max_access_count).toBeNull();
    await trailWith(owner.api, (event) => by('share.create')(event) && event.resource_id === made.id);
  });

  it('refuses what is not as it should be, field by field', async () => {
    const { owner, secretId } = await newSharer();
    const wrong: [field: string, fields: Record<string, unknown>][] = [
      ['recipient_type', { recipient_type: 'everybody' }],
      ['recipient_type', { recipient_type: undefined }],
      ['recipient_type', { recipient_type: 'creator' }],
      ['recipient_id', { recipient_type: 'user' }],
      ['recipient_id', { recipient_type: 'agent', recipient_id: 'x' }],
      ['recipient_id', { recipient_type: 'user', recipient_id: (await newOwner()).id }],
      ['email', { recipient_type: 'external_email' }],
      ['email', { recipient_type: 'external_email', email: 'nobody' }],
      ['permissions', { permissions: ['read', 'write'] }],
      ['permissions', { permissions: [] }],
      ['max_access_count', { max_access_count: 0 }],
      ['max_access_count', { max_access_count: 1.5 }],
      ['expires_at', { expires_at: undefined }],
      ['expires_at', { expires_at: '2020-01-01T00:00:00Z' }],
      ['expires_at', { expires_at: new Date(Date.now() + 367 * 86_400_000).toISOString() }],
      ['expires_at', { expires_at: 'tomorrow' }],
      ['passphrase', { passphrase: '' }],
      ['passphrase', { passphrase: ' x' }],
      ['ip_allowlist', { ip_allowlist: ['192.0.2.0/33'] }],
      ['ip_allowlist', { ip_allowlist: [] }],
    ];
    for (const [field, fields] of wrong) {
      const body = { recipient_type: 'anyone_with_link', expires_at: inAnHour(), ...fields };
      (await owner.api.post(`/v1/secrets/${secretId}/share`, body)).invalid(field);
    }
    expect(await listed(owner.api, 'outbound')).toEqual([]);
    const withNulls = { recipient_id: null, email: null, max_access_count: null, passphrase: null, ip_allowlist: null };
    await share(owner.api, secretId, withNulls);
  });

  it('is for those who may read the secret', async () => {
    const { owner, vault, secretId } = await newSharer();
    const [reader, writer] = [
      await newAgent(owner, [{ vault, pattern: 'db/*' }]),
      await newAgent(owner, [{ vault, pattern: 'db/*', permissions: ['write'] }]),
    ];
    const body = { recipient_type: 'anyone_with_link', expires_at: inAnHour() };
    await share(reader.api, secretId);
    (await writer.api.post(`/v1/secrets/${secretId}/share`, body)).refused(403);
    (await (await newOwner()).api.post(`/v1/secrets/${secretId}/share`, body)).refused(404);
    (
      await reader.api.post(`/v1/secrets/${secretId}/share`, {
        ...body,
        recipient_type: 'external_email',
        email: randomEmail(),
      })
    ).refused(403);
    await trailWith(owner.api, (event) => by('share.create', writer.id)(event) && denied(event));
    (await owner.api.delete(secretUrl(vault, 'db/password'))).empty();
    (await owner.api.post(`/v1/secrets/${secretId}/share`, body)).refused(410);
  });
});

describe('GET /v1/share/:share_id', () => {
  it('opens a link for anybody, whatever token they send, and is never stored by caches', async () => {
    const { owner, secretId } = await newSharer();
    const made = await share(owner.api, secretId, { max_access_count: 4 });
    const stranger = (await newOwner()).api;
    for (const [index, visitor] of [gateway(), gateway().as('nonsense'), stranger].entries()) {
      const answer = await visitor.get(shareUrl(made));
      expect(answer.as<SharedSecret>(200)).toEqual({
        id: made.id,
        path: 'db/password',
        type: 'generic',
        value: 'the value',
        access_count: index + 1,
        max_access_count: 4,
      });
      expect([answer.header('cache-control'), answer.header('vary')]).toEqual(['no-store', 'Accept']);
    }
    const trail = await trailWith(owner.api, (event) => event.details['access_count'] === 3);
    const accesses = trail.filter(by('share.access')).filter((event) => event.resource_id === made.id);
    expect(accesses.map(({ actor_type }) => actor_type).sort()).toEqual(['anonymous', 'anonymous', 'user']);
    const reads = trail.filter(by('secret.read')).filter((event) => event.details['share_id'] === made.id);
    expect(reads.map(({ resource_id }) => resource_id)).toEqual(Array(3).fill(secretId));
  });

  it('opens from listed addresses only', async () => {
    const { owner, secretId } = await newSharer();
    const ip = randomIp();
    const made = await share(owner.api, secretId, { ip_allowlist: [`${ip}/32`, '2001:db8::/64'] });
    (await gateway().from(ip).get(shareUrl(made))).as(200);
    (await gateway().from('2001:db8::7').get(shareUrl(made))).as(200);
    (await gateway().get(shareUrl(made))).refused(403);
  });

  it('is 404 for what is none, 400 for no id, and 405 for HEAD, which counts nothing', async () => {
    const { owner, secretId } = await newSharer();
    const made = await share(owner.api, secretId, { max_access_count: 1 });
    (await gateway().get('/v1/share/0b4f1b8e-1111-4000-8000-000000000000')).refused(404);
    (await gateway().get('/v1/share/x')).invalid('share_id');
    const head = await fetch(`${gateway().baseUrl}${shareUrl(made)}`, { method: 'HEAD' });
    expect([head.status, head.headers.get('allow')]).toEqual([405, 'DELETE, GET']);
    (await gateway().get(shareUrl(made))).as(200);
  });

  it('ends with the right of whoever shared', async () => {
    const { owner, vault, secretId } = await newSharer();
    const agent = await newAgent(owner, [{ vault, pattern: 'db/*' }]);
    const [first, second] = [await share(agent.api, secretId), await share(agent.api, secretId)];
    (await gateway().get(shareUrl(first))).as(200);
    (await owner.api.send('PATCH', `/v1/agents/${agent.id}`, { scopes: ['elsewhere/**'] })).as(200);
    (await gateway().get(shareUrl(first))).refused(403);
    (await owner.api.send('PATCH', `/v1/agents/${agent.id}`, { scopes: [] })).as(200);
    (await gateway().get(shareUrl(first))).as(200);
    (await owner.api.delete(`/v1/agents/${agent.id}`)).empty();
    for (const made of [first, second]) (await gateway().get(shareUrl(made))).refused(403);
    const policy = await owner.api.get(`/v1/vaults/${vault.id}/policies`);
    expect(policy.as<{ policies: unknown[] }>(200).policies).toHaveLength(1);
  });

  it('is gone with the secret, and not found with the vault or the account', async () => {
    const { owner, vault, secretId } = await newSharer();
    const made = await share(owner.api, secretId);
    (await owner.api.delete(secretUrl(vault, 'db/password'))).empty();
    (await gateway().get(shareUrl(made))).refused(410);
    await storeSecret(owner, vault, 'db/password', { value: 'not shared' });
    (await gateway().get(shareUrl(made))).refused(410);
    const again = await share(owner.api, secretId);
    (await gateway().get(shareUrl(again))).as(200);
    (await owner.api.send('DELETE', '/v1/auth/me', { confirmation: 'DELETE MY ACCOUNT' })).empty();
    await eventually('the share is gone with the account', 10_000, async () => {
      const { status } = await gateway().get(shareUrl(again));
      // Until the events have come through, the right that it lends is gone already.
      expect([403, 404]).toContain(status);
      return status === 404 ? true : undefined;
    });
  });
});

describe('a share for somebody', () => {
  it('is the recipient’s to accept, open and decline', async () => {
    const { owner, secretId } = await newSharer();
    const [robot, other] = [await newAgent(owner), await newAgent(owner)];
    const made = await share(owner.api, secretId, { recipient_type: 'agent', recipient_id: robot.id });
    expect(await listed(robot.api, 'inbound')).toMatchObject([
      { id: made.id, secret_path: 'db/password', recipient_type: 'agent', is_accepted: false, is_expired: false },
    ]);
    (await robot.api.get(shareUrl(made))).refused(403);
    (await other.api.post(`/v1/shares/${made.id}/accept`)).refused(404);
    await accept(robot.api, made);
    await accept(robot.api, made);
    (await robot.api.get(shareUrl(made))).as<SharedSecret>(200);
    for (const visitor of [gateway(), gateway().as('nonsense'), other.api, owner.api])
      (await visitor.get(shareUrl(made))).refused(403);
    expect(await listed(owner.api, 'outbound')).toMatchObject([{ id: made.id, access_count: 1, is_accepted: true }]);
    (await robot.api.post(`/v1/shares/${made.id}/decline`)).empty();
    (await robot.api.post(`/v1/shares/${made.id}/decline`)).empty();
    (await robot.api.get(shareUrl(made))).refused(404);
    expect([await listed(robot.api, 'inbound'), await listed(owner.api, 'outbound')]).toEqual([[], []]);
    await trailWith(owner.api, by('share.accept', robot.id), by('share.decline', robot.id));
  });

  it('goes from an agent to the human who registered it', async () => {
    const { owner, vault, secretId } = await newSharer();
    const robot = await newAgent(owner, [{ vault, pattern: '**' }]);
    const made = await share(robot.api, secretId, { recipient_type: 'creator' });
    expect(await listed(owner.api, 'inbound')).toMatchObject([{ id: made.id, recipient_type: 'creator' }]);
    await accept(owner.api, made);
    expect((await owner.api.get(shareUrl(made))).as<SharedSecret>(200).value).toBe('the value');
    await mailTo(owner.email, /^A secret that you shared was opened$/);
  });

  it('never brings a signing key to an agent that signs transactions', async () => {
    const { owner, vault } = await newSharer();
    const keyId = await storeSecret(owner, vault, 'keys/signer', { value: '00', type: 'private_key' });
    const robot = await registerAgent(owner, { intents_api_enabled: true });
    await grant(owner, robot.id, { vault, pattern: '**' });
    const { api } = await logIn(robot, owner.api);
    const [link, own] = [
      await share(owner.api, keyId),
      await share(owner.api, keyId, { recipient_type: 'agent', recipient_id: robot.id }),
    ];
    await accept(api, own);
    for (const made of [link, own]) (await api.get(shareUrl(made))).refused(403);
    const body = { recipient_type: 'anyone_with_link', expires_at: inAnHour() };
    (await api.post(`/v1/secrets/${keyId}/share`, body)).refused(403);
    (await gateway().get(shareUrl(link))).as(200);
  });

  it('by mail is for whoever verifies the address, before or after it was made', async () => {
    const { owner, secretId } = await newSharer();
    const guest = await newOwner();
    const { email } = guest;
    const made = await share(owner.api, secretId, { recipient_type: 'external_email', email });
    expect(made.recipient_email).toBe(email);
    const mail = await mailTo(guest.email, /^A secret was shared with you$/);
    expect(mail.text).toContain(`/v1/share/${made.id}`);
    expect(mail.text).toContain(owner.email);
    expect(await listed(guest.api, 'inbound')).toEqual([]);
    for (const verb of ['accept', 'decline'])
      expect((await guest.api.post(`/v1/shares/${made.id}/${verb}`)).refused(403).detail).toMatch(/confirm/i);
    (await (await newOwner()).api.post(`/v1/shares/${made.id}/accept`)).refused(404);

    const verified = await verifyAddress(guest);
    // The session from before, which gateways have kept, knows of it within a second.
    await eventually('the old session has the address too', 1000, async () =>
      (await listed(guest.api, 'inbound')).length === 1 ? true : undefined,
    );
    await accept(verified.api, made);
    expect((await verified.api.get(shareUrl(made))).as<SharedSecret>(200).value).toBe('the value');
    const later = await share(owner.api, secretId, { recipient_type: 'external_email', email: guest.email });
    expect((await listed(verified.api, 'inbound')).map(({ id }) => id)).toEqual([later.id, made.id]);
    await trailWith(owner.api, by('share.accept', guest.id), by('share.access', guest.id));
  });
});

describe('DELETE /v1/share/:share_id', () => {
  it('is for whoever made the share, and closes it at once on every gateway', async () => {
    const { owner, secretId } = await newSharer();
    const robot = await newAgent(owner);
    const made = await share(owner.api, secretId);
    (await robot.api.delete(shareUrl(made))).refused(403);
    (await (await newOwner()).api.delete(shareUrl(made))).refused(404);
    (await owner.api.delete(shareUrl(made))).empty();
    for (const each of gateways()) (await each.get(shareUrl(made))).refused(404);
    (await owner.api.delete(shareUrl(made))).refused(404);
    expect(await listed(owner.api, 'outbound')).toEqual([]);
    await trailWith(
      owner.api,
      (event) => by('share.revoke', owner.id)(event) && !denied(event),
      (event) => by('share.revoke', robot.id)(event) && denied(event),
      (event) => by('share.access')(event) && event.details['reason'] === 'revoked',
    );
  });
});

describe('the lists', () => {
  it('come whole, or a page at a time', async () => {
    const { owner, secretId } = await newSharer();
    const made: string[] = [];
    for (let count = 0; count < 5; count += 1) made.unshift((await share(owner.api, secretId)).id);
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const query = `?limit=2${cursor ? `&cursor=${cursor}` : ''}`;
      const page = (await owner.api.get(`/v1/shares/outbound${query}`)).as<{ shares: Share[]; next_cursor?: string }>(
        200,
      );
      pages.push(page.shares.map(({ id }) => id));
      cursor = page.next_cursor;
    } while (cursor);
    expect(pages).toEqual([made.slice(0, 2), made.slice(2, 4), made.slice(4)]);
    expect((await listed(owner.api, 'outbound')).map(({ id }) => id)).toEqual(made);
    (await owner.api.get('/v1/shares/inbound?limit=0')).invalid('limit');
    (await owner.api.get('/v1/shares/inbound?limit=1001')).invalid('limit');
    (await owner.api.get('/v1/shares/inbound?cursor=x')).invalid('cursor');
  });
});

describe('a personal API key', () => {
  it('shares, and opens what is its user’s, within its scopes', async () => {
    const { owner, secretId } = await newSharer();
    const key = async (...scopes: string[]) => owner.api.as((await newApiKey(owner, { scopes })).api_key);
    const [sharing, reading, secretsOnly, elsewhere] = [
      await key('shares:write'),
      await key('shares:read'),
      await key('secrets:read'),
      await key('shares:*', 'elsewhere/**'),
    ];
    const body = { recipient_type: 'anyone_with_link', expires_at: inAnHour() };
    const own = await share(sharing, secretId, { recipient_type: 'user', recipient_id: owner.id });
    await accept(sharing, own);
    (await reading.post(`/v1/secrets/${secretId}/share`, body)).refused(403);
    (await elsewhere.post(`/v1/secrets/${secretId}/share`, body)).refused(403);
    (await reading.get(shareUrl(own))).as(200);
    (await secretsOnly.get(shareUrl(own))).refused(403);
    (await elsewhere.get(shareUrl(own))).refused(403);
    (await secretsOnly.get('/v1/shares/inbound')).refused(403);
    // A link needs no key, so one that is about something else is in nobody's way.
    (await secretsOnly.get(shareUrl(await share(sharing, secretId)))).as(200);
  });
});

describe('the mail about an access', () => {
  it('tells whoever shared, and holds neither value nor passphrase', async () => {
    const { owner, secretId } = await newSharer(gateway(), 'canary-value');
    const made = await share(owner.api, secretId, { passphrase: 'canary passphrase', max_access_count: 2 });
    (await gateway().get(shareUrl(made), withPassphrase('canary passphrase'))).as(200);
    const mail = await mailTo(owner.email, /^A secret that you shared was opened$/);
    expect(mail.text).toContain('db/password');
    expect(mail.text).toContain('1 of 2');
    const all = JSON.stringify(await mailsTo(owner.email));
    expect(all).not.toContain('canary');
  });
});
