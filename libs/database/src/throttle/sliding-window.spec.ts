import { describe, expect, it } from '@jest/globals';
import { judge, LOST_AFTER_MS } from './sliding-window.js';

const NOW = 1_000_000_000;
const window = { limit: 3, ms: 60_000 };
const ago = (...seconds: number[]) => seconds.map((each) => NOW - each * 1000);

describe('a window', () => {
  it('admits below its limit, failures and attempts under way together', () => {
    expect(judge({ failures: [], pending: [] }, window, NOW)).toEqual({ kind: 'admit' });
    expect(judge({ failures: ago(10), pending: ago(1) }, window, NOW)).toEqual({ kind: 'admit' });
  });

  it('waits where only attempts under way stand against one more', () => {
    expect(judge({ failures: ago(10), pending: ago(1, 2) }, window, NOW)).toEqual({ kind: 'wait' });
    expect(judge({ failures: [], pending: ago(1, 2, 3) }, window, NOW)).toEqual({ kind: 'wait' });
  });

  it('refuses at its limit until the oldest failure that counts has left it', () => {
    expect(judge({ failures: ago(50, 40, 10), pending: [] }, window, NOW)).toEqual({
      kind: 'refuse',
      retryAfterMs: 10_000,
    });
    // More failures than the limit: two have to leave.
    expect(judge({ failures: ago(50, 40, 30, 10), pending: [] }, window, NOW)).toEqual({
      kind: 'refuse',
      retryAfterMs: 20_000,
    });
  });

  it('forgets what has left it', () => {
    expect(judge({ failures: ago(61, 60, 59), pending: [] }, window, NOW)).toEqual({ kind: 'admit' });
  });

  it('takes attempts that nobody ended for failures', () => {
    const lost = ago(...[1, 2, 3].map((each) => LOST_AFTER_MS / 1000 + each));
    expect(judge({ failures: [], pending: lost }, window, NOW)).toMatchObject({ kind: 'refuse' });
  });
});
