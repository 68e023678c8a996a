import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Caller } from '@oneclaw/caller';
import type { EventsRepository, StoredEvent } from './events.repository.js';
import { EventsService, type ListEventsInput } from './events.service.js';

const owner = { type: 'user', id: 'u-owner', orgId: 'org', role: 'owner' } as Caller;
const member = { ...owner, id: 'u-member', role: 'member' } as Caller;
const agent = { type: 'agent', id: 'a-1', orgId: 'org' } as Caller;

const everything: ListEventsInput = {
  actorId: undefined,
  action: undefined,
  resource: undefined,
  from: undefined,
  to: undefined,
  limit: 2,
  offset: 0,
  cursor: '',
};

describe('listing events', () => {
  let asked: unknown[];
  let stored: Partial<StoredEvent>[];
  let service: EventsService;

  beforeEach(() => {
    asked = [];
    stored = [3, 2, 1].map((position) => ({ position, createdAtMicros: position * 1000 }));
    const list = async (...args: unknown[]) => (
      asked.push(args),
      stored.slice(0, (args[2] as { limit: number }).limit)
    );
    service = new EventsService({ list } as unknown as EventsRepository);
  });

  const filterAsked = () => (asked[0] as [string, { actorId?: string }])[1];

  it('shows an owner the org', async () => {
    await service.list(owner, everything);
    expect(filterAsked().actorId).toBeUndefined();
  });

  it.each([
    ['a member', member],
    ['an agent', agent],
  ])('shows %s only what they did themselves', async (_, caller) => {
    await service.list(caller, everything);
    expect(filterAsked().actorId).toBe(caller.id);
  });

  it('shows a member nothing of another actor', async () => {
    expect(await service.list(member, { ...everything, actorId: owner.id })).toEqual({ events: [], nextCursor: '' });
    expect(asked).toEqual([]);
  });

  it('gives a cursor that leads to the next page, and none on the last', async () => {
    const first = await service.list(owner, everything);
    expect(first.events.map((event) => event.position)).toEqual([3, 2]);
    await service.list(owner, { ...everything, cursor: first.nextCursor });
    expect(asked[1]).toMatchObject([
      expect.anything(),
      expect.anything(),
      { after: { position: 2, createdAtMicros: 2000 } },
    ]);
    stored.length = 2;
    expect((await service.list(owner, everything)).nextCursor).toBe('');
  });

  it.each([[{ limit: 0 }], [{ limit: 1001 }], [{ offset: 100_001 }], [{ cursor: 'nonsense' }]])(
    'refuses %o',
    async (change) => {
      await expect(service.list(owner, { ...everything, ...change })).rejects.toMatchObject({
        code: 'invalid_argument',
        fields: { [Object.keys(change)[0]!]: expect.any(String) },
      });
    },
  );
});
