import type { Key, Session } from 'graphene-pk11';

/**
 * Session objects of unwrapped KEKs, the least recently used destroyed first. Keyed by the whole wrapped KEK, so that
 * a KEK whose bytes were exchanged is never answered from the cache. Dies with its session.
 */
export class KekHandles {
  private readonly handles = new Map<string, Key>();

  constructor(
    private readonly session: Session,
    private readonly capacity: number,
  ) {}

  get size(): number {
    return this.handles.size;
  }

  get(wrapped: Buffer, load: () => Key): Key {
    const name = wrapped.toString('latin1');
    const known = this.handles.get(name);
    if (known !== undefined) this.handles.delete(name);
    const handle = known ?? load();
    this.handles.set(name, handle);
    if (this.handles.size > this.capacity) this.evictOldest();
    return handle;
  }

  private evictOldest(): void {
    const [name, handle] = this.handles.entries().next().value!;
    this.handles.delete(name);
    this.session.destroy(handle);
  }
}
