import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChainedEvent, UnhashedEvent } from './chained-event.js';
import { GENESIS_HASH, hashEvent, isIntact } from './event-hash.js';

interface Vectors {
  genesis: string;
  events: (UnhashedEvent & { integrityHash: string })[];
}

const file = new URL('../../../../docs/audit-chain.vectors.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
const [example] = vectors.events as [UnhashedEvent & { integrityHash: string }];

describe('the hash of an event', () => {
  it('is the one of the published vectors', () => {
    let previous: Buffer = GENESIS_HASH;
    expect(previous.toString('hex')).toBe(vectors.genesis);
    for (const event of vectors.events) {
      previous = hashEvent(event, previous);
      expect(previous.toString('hex')).toBe(event.integrityHash);
    }
  });

  it('depends on the previous hash', () => {
    expect(hashEvent(example, GENESIS_HASH)).not.toEqual(hashEvent(example, Buffer.alloc(32, 1)));
  });

  const uuid = '0190b5a0-9999-7999-8999-999999999999';
  const changes: Partial<UnhashedEvent>[] = [
    { orgId: uuid },
    { position: 2 },
    { id: uuid },
    { prevEventId: uuid },
    { actorType: 'user' },
    { actorId: 'x' },
    { action: 'secret.reads' },
    { resourceType: '' },
    { resourceId: 'x' },
    { details: example.details.replace(':3', ': 3') },
    { ipAddress: '192.0.2.8' },
    { requestId: '' },
    { createdAtMicros: example.createdAtMicros + 1 },
  ];

  it.each(changes.map((change) => [Object.keys(change)[0], change] as const))('depends on %s', (_, change) => {
    expect(hashEvent({ ...example, ...change }, GENESIS_HASH)).not.toEqual(hashEvent(example, GENESIS_HASH));
  });

  it('differs wherever text is shared out differently between fields', () => {
    const split = fc.array(fc.string({ unit: 'grapheme', maxLength: 4 }), { minLength: 6, maxLength: 6 });
    const withTexts = ([actorType, actorId, action, resourceType, resourceId, ipAddress]: string[]) =>
      ({ ...example, actorType, actorId, action, resourceType, resourceId, ipAddress }) as UnhashedEvent;
    fc.assert(
      fc.property(split, split, (a, b) => {
        const same = a.every((text, index) => text === b[index]);
        expect(hashEvent(withTexts(a), GENESIS_HASH).equals(hashEvent(withTexts(b), GENESIS_HASH))).toBe(same);
      }),
    );
  });

  it('covers details of any size', () => {
    const details = JSON.stringify({ text: 'ü'.repeat(100_000) });
    const hash = hashEvent({ ...example, details }, GENESIS_HASH);
    expect(hashEvent({ ...example, details: details.replace('ü', 'u') }, GENESIS_HASH)).not.toEqual(hash);
    expect(hashEvent(example, GENESIS_HASH).toString('hex')).toBe(example.integrityHash);
  });

  it('tells an intact event from another', () => {
    const event: ChainedEvent = { ...example, integrityHash: Buffer.from(example.integrityHash, 'hex') };
    expect(isIntact(event, GENESIS_HASH)).toBe(true);
    expect(isIntact({ ...event, action: 'secret.write' }, GENESIS_HASH)).toBe(false);
  });
});
