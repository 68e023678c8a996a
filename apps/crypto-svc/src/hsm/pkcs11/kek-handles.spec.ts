import { describe, expect, it } from '@jest/globals';
import type { Key, Session } from 'graphene-pk11';
import { KekHandles } from './kek-handles.js';

function handlesOf(capacity: number) {
  const destroyed: unknown[] = [];
  const session = { destroy: (key: unknown) => destroyed.push(key) } as unknown as Session;
  const handles = new KekHandles(session, capacity);
  const loaded: string[] = [];
  const use = (name: string) =>
    handles.get(Buffer.from(name), () => {
      loaded.push(name);
      return name as unknown as Key;
    });
  return { handles, use, loaded, destroyed };
}

describe('KekHandles', () => {
  it('unwraps a KEK once while it is kept', () => {
    const { use, loaded } = handlesOf(2);
    expect([use('a'), use('b'), use('a')]).toEqual(['a', 'b', 'a']);
    expect(loaded).toEqual(['a', 'b']);
  });

  it('destroys the least recently used handle, and loads its KEK again on use', () => {
    const { use, loaded, destroyed } = handlesOf(2);
    for (const name of ['a', 'b', 'a', 'c']) use(name);
    expect(destroyed).toEqual(['b']);
    use('b');
    expect(destroyed).toEqual(['b', 'a']);
    expect(loaded).toEqual(['a', 'b', 'c', 'b']);
  });

  it('remembers nothing of a KEK that cannot be unwrapped', () => {
    const { handles, use } = handlesOf(2);
    const failing = () => {
      throw new Error('damaged');
    };
    expect(() => handles.get(Buffer.from('a'), failing)).toThrow('damaged');
    expect(handles.size).toBe(0);
    expect(use('a')).toBe('a');
  });
});
