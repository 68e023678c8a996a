import { describe, expect, it } from '@jest/globals';
import { PasswordHasher } from './password-hasher.js';

const hasher = new PasswordHasher({ memoryKib: 1024, iterations: 2, concurrency: 2 });

describe('the password hasher', () => {
  it('makes an argon2id hash of the configured cost', async () => {
    expect(await hasher.hash('correct horse battery')).toMatch(/^\$argon2id\$v=19\$m=1024,p=1,t=2\$/);
  });

  it('knows the password again and no other', async () => {
    const hash = await hasher.hash('correct horse battery');
    expect(await hasher.verify(hash, 'correct horse battery')).toBe(true);
    expect(await hasher.verify(hash, 'correct horse batterz')).toBe(false);
  });

  it('takes composed and decomposed letters for the same password', async () => {
    const hash = await hasher.hash('caf\u00e9 au lait, bien s\u00fbr');
    expect(await hasher.verify(hash, 'cafe\u0301 au lait, bien su\u0302r')).toBe(true);
  });

  it('does not truncate', async () => {
    const long = 'é'.repeat(255);
    const hash = await hasher.hash(`${long}x`);
    expect(await hasher.verify(hash, `${long}y`)).toBe(false);
  });

  it('accepts nothing where there is no hash', async () => {
    expect(await hasher.verify(undefined, 'correct horse battery')).toBe(false);
  });

  it('sees that a hash was made at another cost', async () => {
    const hash = await hasher.hash('correct horse battery');
    expect(hasher.isOutdated(hash)).toBe(false);
    expect(new PasswordHasher({ memoryKib: 2048, iterations: 2, concurrency: 2 }).isOutdated(hash)).toBe(true);
  });

  it('works as long where there is no hash', async () => {
    const dear = new PasswordHasher({ memoryKib: 16_384, iterations: 2, concurrency: 1 });
    const hash = await dear.hash('correct horse battery');
    await dear.warmUp();
    const fastest = { known: Infinity, unknown: Infinity };
    for (let round = 0; round < 7; round += 1) {
      fastest.known = Math.min(fastest.known, await timed(() => dear.verify(hash, 'wrong')));
      fastest.unknown = Math.min(fastest.unknown, await timed(() => dear.verify(undefined, 'wrong')));
    }
    expect(fastest.unknown / fastest.known).toBeGreaterThan(0.6);
    expect(fastest.unknown / fastest.known).toBeLessThan(1.6);
  });
});

/** In CPU time of all threads, which does not depend on who else uses the machine. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}
