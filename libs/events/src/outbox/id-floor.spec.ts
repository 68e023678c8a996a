import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { idFloor } from './id-floor.js';

describe('the lowest id of a moment', () => {
  it('is not above any UUIDv7 made at or after it, and above all made before', () => {
    const now = 1_700_000_000_000;
    expect(uuidv7({ msecs: now }) > idFloor(now)).toBe(true);
    expect(uuidv7({ msecs: now - 1 }) < idFloor(now)).toBe(true);
    expect(idFloor(now)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-0000-0000-000000000000$/);
  });

  it('of the beginning is the nil UUID', () => {
    expect(idFloor(0)).toBe('00000000-0000-0000-0000-000000000000');
  });
});
