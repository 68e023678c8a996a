import { describe, expect, it } from '@jest/globals';
import { validate, version } from 'uuid';
import { newEventId } from './event-id.js';

describe('ids of events', () => {
  it('are UUIDv7, each greater than the one before, also thousands in a millisecond', () => {
    const ids = Array.from({ length: 20_000 }, newEventId);
    expect(ids.every((id) => validate(id) && version(id) === 7)).toBe(true);
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('end in bytes of their own', () => {
    const tails = Array.from({ length: 1000 }, () => newEventId().slice(-10));
    expect(new Set(tails).size).toBe(tails.length);
  });
});
