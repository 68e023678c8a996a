import { describe, expect, it } from '@jest/globals';
import { gateway } from './world.js';

describe('health', () => {
  it('of the service is healthy and names the version, without a token or with a bad one', async () => {
    for (const api of [gateway(), gateway().as('nonsense')])
      expect((await api.get('/v1/health')).as(200)).toMatchObject({
        status: 'healthy',
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      });
  });

  it('of the HSM is ok', async () => {
    expect((await gateway().get('/v1/health/hsm')).as(200)).toMatchObject({ status: 'ok' });
  });
});
