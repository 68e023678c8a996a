import { describe, expect, it } from '@jest/globals';
import { OPERATIONS } from './operations.js';

describe('an operation that asks who calls', () => {
  it('has a name in the trail, for when it is refused', () => {
    const nameless = OPERATIONS.filter(({ access, audit }) => access !== 'public' && !audit);
    expect(nameless.map(({ id }) => id)).toEqual([]);
  });
});
