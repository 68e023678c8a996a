import { describe, expect, it } from '@jest/globals';
import { encode } from './encode.js';
import { Event, EventBatch } from './events.js';

const event = (payload: Buffer): Event => ({ seq: 7, id: 'an id', payload });

describe('encode', () => {
  it('gives what the codec alone gives, message after message', () => {
    for (const size of [0, 1, 63, 64, 200, 70_000, 3]) {
      const message = { producer: 'test', events: [event(Buffer.alloc(size, 1)), event(Buffer.alloc(size, 2))] };
      expect(encode(EventBatch, message)).toEqual(Buffer.from(EventBatch.encode(message).finish()));
    }
  });

  it('leaves earlier messages as they were', () => {
    const first = encode(Event, event(Buffer.from('first')));
    encode(Event, event(Buffer.from('other')));
    expect(Event.decode(first).payload).toEqual(Buffer.from('first'));
  });

  it('forgets the beginning of a message that could not be encoded', () => {
    const broken = { ...event(Buffer.alloc(0)), payload: undefined as unknown as Buffer };
    expect(() => encode(Event, broken)).toThrow();
    expect(Event.decode(encode(Event, event(Buffer.from('next')))).payload).toEqual(Buffer.from('next'));
  });
});
