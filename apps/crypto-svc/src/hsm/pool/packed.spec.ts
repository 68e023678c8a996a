import { describe, expect, it } from '@jest/globals';
import { pack, unpack } from './packed.js';

describe('packed fields', () => {
  it('come back as they were, empty ones too', () => {
    const fields = [Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(300, 7)];
    expect(unpack(pack(fields))).toEqual(fields);
    expect(unpack(pack([]))).toEqual([]);
  });

  it('own their memory, so that it can be moved to a thread', () => {
    const packed = pack([Buffer.from('key')]);
    expect(packed.buffer.byteLength).toBe(packed.length);
  });

  it('are views: wiping the message wipes them', () => {
    const packed = pack([Buffer.from('key')]);
    const [field] = unpack(packed);
    packed.fill(0);
    expect(field).toEqual(Buffer.alloc(3));
  });

  it('are refused when a length points outside', () => {
    const packed = pack([Buffer.from('key')]);
    packed.writeUInt32BE(4);
    expect(() => unpack(packed)).toThrow(RangeError);
  });
});
