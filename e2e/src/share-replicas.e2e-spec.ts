import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import { countOf } from './answer.js';
import type { Api } from './client.js';
import {
  inAnHour,
  listed,
  newSharer,
  share,
  shareUrl,
  storeSecret,
  withPassphrase,
  type SharedSecret,
} from './shares.js';
import { gatewayOf, ownStack } from './stacks.js';
import { secretUrl } from './world.js';

let stack: Stack;
let gateways: Api[];

beforeAll(async () => {
  stack = await ownStack({ replicas: { gateway: 2, 'vault-svc': 2 } });
  gateways = stack.gatewayUrls.map((_, index) => gatewayOf(stack, index).as(undefined));
});

afterAll(() => stack?.stop());

/** One gateway after the other. */
const at = (apis: Api[], index: number): Api => apis[index % apis.length] as Api;

describe('over two gateways and two vault services, in parallel', () => {
  it('an org makes ten shares a minute, and is told when there will be more', async () => {
    const { owner, secretId } = await newSharer(gateways[0]);
    const both = gateways.map((each) => each.as(owner.api.token));
    const body = { recipient_type: 'anyone_with_link', expires_at: inAnHour() };
    const made = await Promise.all(
      Array.from({ length: 30 }, (_, index) => at(both, index).post(`/v1/secrets/${secretId}/share`, body)),
    );
    expect([countOf(made, 201), countOf(made, 429)]).toEqual([10, 20]);
    const wait = Number(made.find(({ status }) => status === 429)?.header('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
  });

  it('a share opens exactly as often as it may, together with the version’s own count', async () => {
    const { owner, vault, secretId } = await newSharer(gateways[0]);
    const visitors = gateways;
    const made = await share(owner.api, secretId, { max_access_count: 7 });
    const openings = await Promise.all(
      Array.from({ length: 50 }, (_, index) => at(visitors, index).get(shareUrl(made))),
    );
    expect([countOf(openings, 200), countOf(openings, 410)]).toEqual([7, 43]);
    const scarce = await storeSecret(owner, vault, 'scarce', { value: 'x', max_access_count: 5 });
    const wide = await share(owner.api, scarce, { max_access_count: 20 });
    const reads = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        index % 2 === 0 ? at(visitors, index / 2).get(shareUrl(wide)) : owner.api.get(secretUrl(vault, 'scarce')),
      ),
    );
    expect([countOf(reads, 200), countOf(reads, 410)]).toEqual([5, 35]);
    const [ofWide] = (await listed(owner.api, 'outbound')).filter(({ id }) => id === wide.id);
    expect(ofWide?.access_count).toBe(
      countOf(
        reads.filter((_, index) => index % 2 === 0),
        200,
      ),
    );
  });

  it('a share asks for its passphrase in the header and nowhere else, and closes after five wrong ones', async () => {
    const { owner, secretId } = await newSharer(gateways[0]);
    const passphrase = 'schöne Grüße 🦀';
    const made = await share(owner.api, secretId, { passphrase });
    const [one, other] = gateways as [Api, Api];
    const field = (problem: { fields?: Record<string, string> }) => problem.fields?.['x-share-passphrase'];
    for (let missing = 0; missing < 6; missing += 1)
      expect(
        field((await one.get(`${shareUrl(made)}?passphrase=${encodeURIComponent(passphrase)}`)).refused(403)),
      ).toBe('is missing');
    (await other.get(shareUrl(made), withPassphrase(passphrase))).as<SharedSecret>(200);
    const guesses = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        (index % 2 === 0 ? one : other).get(shareUrl(made), withPassphrase(`guess ${index}`)),
      ),
    );
    expect([countOf(guesses, 403), countOf(guesses, 429)]).toEqual([5, 25]);
    const closed = await one.get(shareUrl(made), withPassphrase(passphrase));
    expect(closed.refused(429).status).toBe(429);
    expect(Number(closed.header('retry-after'))).toBeGreaterThan(800);
  });
});
