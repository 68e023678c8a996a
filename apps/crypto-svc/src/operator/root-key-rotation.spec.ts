import { beforeEach, describe, expect, it } from '@jest/globals';
import { rotateRootKey, type KekOwner, type RootKeys } from './root-key-rotation.js';

/** A token's root keys, by generation. */
class FakeKeys implements RootKeys {
  constructor(readonly present: number[]) {}
  generations = () => [...this.present];
  destroy = (generation: number) => void this.present.splice(this.present.indexOf(generation), 1);
  make(): number {
    this.present.push(this.present.at(-1)! + 1);
    return this.present.at(-1)!;
  }
}

/** A service with KEKs in its memory: each is the generation that it is under. */
class FakeOwner implements KekOwner {
  retired = 0;
  readonly damaged = new Set<number>();
  /** Called before each page. */
  beforePage: () => void = () => undefined;

  constructor(
    readonly name: string,
    readonly keks: number[],
  ) {}

  countOlder = async (generation: number) => this.keks.filter((kek) => kek < generation).length;

  async rewrap({ generation, after, limit }: { generation: number; after: string; limit: number }) {
    this.beforePage();
    const start = Number(after);
    const result = { rewrapped: 0, damaged: 0, next: start + limit < this.keks.length ? String(start + limit) : '' };
    for (let index = start; index < Math.min(start + limit, this.keks.length); index++) {
      if (this.keks[index]! >= generation) continue;
      if (this.damaged.has(index)) result.damaged += 1;
      else {
        this.keks[index] = generation;
        result.rewrapped += 1;
      }
    }
    return result;
  }

  async retireOlder(generation: number): Promise<boolean> {
    if ((await this.countOlder(generation)) > 0) return false;
    this.retired = generation - 1;
    return true;
  }
}

let said: string[];
beforeEach(() => {
  said = [];
});
const options = { keepOldKey: false, say: (line: string) => void said.push(line), drainMs: 0, retryMs: 0 };
const many = (generation: number, count: number) => Array.from({ length: count }, () => generation);

describe('a rotation of the root key', () => {
  it('moves what every service has to a new key, and destroys the old one last', async () => {
    const keys = new FakeKeys([1]);
    const owners = [new FakeOwner('vault-svc', many(1, 450)), new FakeOwner('auth-svc', [1])];
    await rotateRootKey(keys, owners, options);
    expect(keys.present).toEqual([2]);
    expect(owners.flatMap(({ keks }) => keks)).toEqual(many(2, 451));
    expect(owners.map(({ retired }) => retired)).toEqual([1, 1]);
    expect(said).toEqual([
      'Made oneclaw-root-2. It wraps new keys from now on.',
      'vault-svc: 200 of 450 keys rewrapped.',
      'vault-svc: 400 of 450 keys rewrapped.',
      'vault-svc: 450 of 450 keys rewrapped.',
      'vault-svc: everything is under it.',
      'auth-svc: 1 of 1 keys rewrapped.',
      'auth-svc: everything is under it.',
      'Nothing is under an older root key any more. Waiting 0 s for requests that began before.',
      'Destroyed oneclaw-root-1.',
    ]);
  });

  it('that was stopped goes on with the key that it had made', async () => {
    const keys = new FakeKeys([3, 4]);
    const owner = new FakeOwner('vault-svc', [4, 3, 4]);
    await rotateRootKey(keys, [owner], options);
    expect(keys.present).toEqual([4]);
    expect(owner.keks).toEqual([4, 4, 4]);
  });

  it('keeps old keys when told to, and destroys them the next time', async () => {
    const keys = new FakeKeys([1]);
    await rotateRootKey(keys, [new FakeOwner('vault-svc', [1])], { ...options, keepOldKey: true });
    expect(keys.present).toEqual([1, 2]);
    await rotateRootKey(keys, [new FakeOwner('vault-svc', [2])], options);
    expect(keys.present).toEqual([2]);
  });

  it('goes round again for a KEK that came under the old key behind its back', async () => {
    const keys = new FakeKeys([1]);
    const owner = new FakeOwner('vault-svc', many(1, 250));
    let pages = 0;
    owner.beforePage = () => void (++pages === 2 && owner.keks.unshift(1));
    await rotateRootKey(keys, [owner], options);
    expect(owner.keks).toEqual(many(2, 251));
    expect(keys.present).toEqual([2]);
  });

  it('destroys nothing while a KEK is damaged, and says what to do', async () => {
    const keys = new FakeKeys([1]);
    const owner = new FakeOwner('vault-svc', [1, 1, 1]);
    owner.damaged.add(1);
    await expect(rotateRootKey(keys, [owner], options)).rejects.toThrow(/^1 keys of vault-svc are damaged/);
    expect(keys.present).toEqual([1, 2]);
    expect(owner.retired).toBe(0);
    owner.damaged.clear();
    await rotateRootKey(keys, [owner], options);
    expect(keys.present).toEqual([2]);
  });

  it('gives up, and destroys nothing, where a service does not get on', async () => {
    const keys = new FakeKeys([1]);
    const owner = new FakeOwner('auth-svc', [1]);
    owner.rewrap = async () => ({ rewrapped: 0, damaged: 0, next: '' });
    await expect(rotateRootKey(keys, [owner], options)).rejects.toThrow(/auth-svc does not get on/);
    expect(keys.present).toEqual([1, 2]);
  });
});
