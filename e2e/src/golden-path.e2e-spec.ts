import { describe, expect, it } from '@jest/globals';
import { walkGoldenPath } from './golden-path.js';
import { gateway } from './world.js';

describe('the golden path', () => {
  it('stores a secret, grants it to one agent and nobody else, and shows all of it in a linked trail', async () => {
    const trail = await walkGoldenPath(gateway());
    expect(trail[0]?.prev_event_id ?? null).toBeNull();
    expect(new Set(trail.map((event) => event.org_id)).size).toBe(1);
  });
});
