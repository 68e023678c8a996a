import { describe, expect, it } from '@jest/globals';
import { countOf } from './answer.js';
import { mailTo, verificationToken } from './mails.js';
import { by, trailWith } from './trail.js';
import type { Profile, Token } from './types.js';
import { claimsOf, gateway, gateways, newOwner } from './world.js';

const verify = (token: unknown, at = gateway()) => at.post('/v1/auth/verify-email', { token });

describe('the welcome mail', () => {
  it('comes in text and HTML, and leads to a page with the token in the fragment', async () => {
    const { email } = await newOwner();
    const { text, html, from } = await mailTo(email, /^Confirm your email address$/);
    const [link] = /https?:\/\/\S+/.exec(text) ?? [];
    expect(html).toContain(`href="${link}"`);
    expect(from[0]?.name).toBe('OneClaw');
    const { pathname, search, hash } = new URL(link as string);
    expect([pathname, search, hash.slice(0, 7)]).toEqual(['/verify-email', '', '#token=']);
  });
});

describe('POST /v1/auth/verify-email', () => {
  it('confirms the address and logs its owner in', async () => {
    const owner = await newOwner();
    const { access_token } = (await verify(await verificationToken(owner.email))).as<Token>(200);
    expect(claimsOf(access_token)).toMatchObject({ sub: `user:${owner.id}`, org: owner.orgId, email: owner.email });
    const me = (await gateway().as(access_token).get('/v1/auth/me')).as<Profile>(200);
    expect(me.email_verified).toBe(true);
    const method = (event: { details: Record<string, unknown> }) => event.details['method'] === 'email_verification';
    await trailWith(owner.api, (event) => by('auth.success', owner.id)(event) && method(event));
  });

  it('takes a token once, though it comes to two gateways at the same time', async () => {
    const { email } = await newOwner();
    const token = await verificationToken(email);
    const both = gateways();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => verify(token, both[index % both.length])),
    );
    expect([countOf(answers, 200), countOf(answers, 400)]).toEqual([1, 9]);
    (await verify(token)).invalid('token');
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty text', ''],
    ['a number', 7],
    ['a text beyond all measure', 'x'.repeat(513)],
  ])('refuses %s as a token', async (_what, token) => {
    (await verify(token)).invalid('token');
  });

  it('answers every wrong token alike', async () => {
    const detail = (await verify('A'.repeat(43))).invalid('token').detail;
    expect((await verify('nonsense')).invalid('token').detail).toBe(detail);
  });
});

describe('the page', () => {
  it('runs nothing but our own script, and may stand in no frame', async () => {
    const page = await gateway().get('/verify-email');
    expect(page.status).toBe(200);
    expect(page.header('content-type')).toBe('text/html; charset=utf-8');
    expect(page.header('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self';.*frame-ancestors 'none'$/,
    );
    expect(page.header('cache-control')).toBe('no-store');
    expect(page.header('referrer-policy')).toBe('no-referrer');
    expect(page.text).not.toMatch(/<script(?! src=)|<style| on\w+=|javascript:/);
    expect(page.text).toMatch(/<html lang="en">[\s\S]*<title>Confirm your email address/);
    const assets = [...page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path as string);
    expect(assets.length).toBeGreaterThan(1);
    for (const path of assets) expect((await gateway().get(path)).status).toBe(200);
  });
});
