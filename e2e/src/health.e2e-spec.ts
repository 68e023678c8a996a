import { describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';
import { gateway } from './world.js';

describe('health', () => {
  it('of the service is healthy and names the version, without a token or with a bad one', async () => {
    for (const api of [gateway(), gateway().as('nonsense')]) {
      // A trail that other suites' load has put behind for a moment is told, and is no failure.
      const { value } = await eventually('the health of an idle system', 30_000, async () => {
        const answer = (await api.get('/v1/health')).as<{ status: string; version: string }>(200);
        return answer.status === 'healthy' ? answer : undefined;
      });
      expect(value.version).toMatch(/^\d+\.\d+\.\d+/);
    }
  });

  it('of the HSM is ok', async () => {
    expect((await gateway().get('/v1/health/hsm')).as(200)).toMatchObject({ status: 'ok' });
  });
});
