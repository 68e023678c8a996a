import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { faultsOf, hashOf, type Chain, type StoredEvent } from './chain.js';

const vectors = JSON.parse(
  readFileSync(new URL('../../../docs/audit-chain.vectors.json', import.meta.url), 'utf8'),
) as { genesis: string; events: StoredEvent[] };

function chain(): Chain {
  const events = structuredClone(vectors.events);
  const { position, id, integrityHash } = events.at(-1) as StoredEvent;
  return { orgId: events[0]?.orgId ?? '', events, head: { position, eventId: id, integrityHash } };
}

describe('the verifier of the fault suites', () => {
  it('computes the hashes of the published vectors', () => {
    let previous = vectors.genesis;
    for (const event of vectors.events) {
      expect(hashOf(event, previous)).toBe(event.integrityHash);
      previous = event.integrityHash;
    }
  });

  it('finds nothing wrong with a whole chain', () => {
    expect(faultsOf(chain())).toEqual([]);
  });

  it.each<[string, (chain: Chain) => void]>([
    ['an edited event', ({ events }) => Object.assign(events[0] ?? {}, { details: '{}' })],
    ['a missing first event', ({ events }) => events.shift()],
    ['a cut tail', ({ events }) => events.pop()],
    ['another order', ({ events }) => events.reverse()],
    ['a doubled event', ({ events }) => events.push(...events.slice(-1))],
  ])('finds %s', (_, damage) => {
    const damaged = chain();
    damage(damaged);
    expect(faultsOf(damaged)).not.toEqual([]);
  });
});
