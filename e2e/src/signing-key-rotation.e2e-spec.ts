import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import type { Api } from './client.js';
import { eventually } from './eventually.js';
import { hsmCli } from './hsm-cli.js';
import { gatewayOf, ownStack } from './stacks.js';
import type { Token } from './types.js';
import { newAgent, newOwner, newVault, secretUrl, type Owner } from './world.js';

const SECOND = 1000;

let stack: Stack;
let gateways: Api[];
beforeAll(async () => {
  stack = await ownStack({ replicas: { gateway: 2, 'auth-svc': 2, 'crypto-svc': 2 } });
  gateways = stack.gatewayUrls.map((_, index) => gatewayOf(stack, index));
});
afterAll(() => stack?.stop());

const kidOf = (jwt: string): string =>
  (JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;

const published = async (at: Api): Promise<string[]> =>
  (await at.get('/.well-known/jwks.json')).as<{ keys: { kid: string }[] }>(200).keys.map(({ kid }) => kid);

async function logInAt(at: Api, { email, password }: Owner): Promise<string> {
  return (await at.post('/v1/auth/token', { email, password })).as<Token>(200).access_token;
}

describe('a new generation of the token-signing key', () => {
  it(
    'signs within seconds, while tokens of the old one go on, and nothing restarts',
    async () => {
      const owner = await newOwner(gateways[0]);
      const vault = await newVault(owner);
      const url = secretUrl(vault, 'a');
      (await owner.api.put(url, { value: 'v' })).as(201);
      const agent = await newAgent(owner, [{ vault, pattern: 'a' }]);
      const before = kidOf(owner.api.token ?? '');
      const pids = stack.services.map(({ pid }) => pid);

      expect(await hsmCli(stack, 'rotate-signing-key')).toMatch(/^Made .*token-signing/);

      const check = async (tokens: readonly (string | undefined)[]): Promise<void> => {
        for (const at of gateways) for (const token of tokens) (await at.as(token).get(url)).as(200);
      };
      const old = [owner.api.token, agent.api.token];
      const { value: fresh } = await eventually('tokens are signed with the new key', 30 * SECOND, async () => {
        await check(old);
        const tokens = await Promise.all(gateways.map((at) => logInAt(at, owner)));
        // From the first token on, whichever replica signs it.
        await check(tokens);
        return tokens.every((token) => kidOf(token) !== before) ? tokens : undefined;
      });

      const after = kidOf(fresh[0] ?? '');
      for (const at of gateways) expect((await published(at)).sort()).toEqual([before, after].sort());
      await check([...old, ...fresh]);
      expect(stack.services.map(({ pid }) => pid)).toEqual(pids);
    },
    90 * SECOND,
  );
});
