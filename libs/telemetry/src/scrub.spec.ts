import { describe, expect, it } from '@jest/globals';
import { scrub } from './scrub.js';

describe('the log scrubber', () => {
  it('removes agent keys, personal keys and JWTs wherever they stand in a line', () => {
    const line =
      '{"a":"ocv_AAAAbbbbCCCCdddd","b":"key 1ck_0123456789abcdef!","c":"Bearer eyJhbGciOiJF.eyJzdWIi.c2ln-_x"}';
    expect(scrub(line)).toBe('{"a":"[redacted]","b":"key [redacted]!","c":"Bearer [redacted]"}');
  });

  it('leaves ordinary text alone', () => {
    expect(scrub('{"msg":"GET /v1/vaults 200","ocv":1}')).toBe('{"msg":"GET /v1/vaults 200","ocv":1}');
  });
});
