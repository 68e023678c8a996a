import { describe, expect, it } from '@jest/globals';
import type { Chain, ExportedEvent } from './chain.js';
import { Ledger, type Operation } from './ledger.js';
import { reckonEvents } from './reckoning.js';

const ID = 'request-1';

function chainOf(...events: Partial<ExportedEvent>[]): Chain {
  const whole = { request_id: ID, action: 'secret.write', details_json: '{}' };
  return {
    orgId: 'o',
    events: events.map((event) => ({ ...whole, ...event })) as ExportedEvent[],
  };
}

function complaints(outcome: Operation['outcome'], chain: Chain, took = false): string[] {
  const ledger = new Ledger();
  ledger.operations.push({
    action: 'secret.write',
    orgId: 'o',
    requestId: ID,
    startedAt: 0,
    ...(outcome ? { outcome } : {}),
  });
  return reckonEvents(ledger, [chain], new Set(took ? [ID] : []));
}

const written = {};
const denied = { details_json: '{"outcome":"denied"}' };

describe('the events of an operation', () => {
  it.each<[string, Operation['outcome'], Chain, boolean]>([
    ['one, where it succeeded', 'ok', chainOf(written), true],
    ['that of the refusal, where it was refused', 'refused', chainOf(denied), false],
    ['none, where it is unknown and did not happen', 'unknown', chainOf(), false],
    ['one, where it is unknown and happened', 'unknown', chainOf(written), true],
    ['that of the refusal, where it is unknown and was refused', 'unknown', chainOf(denied), false],
  ])('are right: %s', (_, outcome, chain, took) => {
    expect(complaints(outcome, chain, took)).toEqual([]);
  });

  it.each<[string, Operation['outcome'], Chain, boolean]>([
    ['lost', 'ok', chainOf(), true],
    ['lost, and another operation has one', 'ok', chainOf({ request_id: 'request-2' }), true],
    ['of another action', 'ok', chainOf({ action: 'secret.read' }), true],
    ['doubled', 'ok', chainOf(written, written), true],
    ['doubled, where it is unknown', 'unknown', chainOf(written, written), true],
    ['of a refusal, where it succeeded', 'ok', chainOf(denied), true],
    ['of a success, where it was refused', 'refused', chainOf(written), false],
    ['lost, where it is unknown and happened', 'unknown', chainOf(), true],
    ['there, where it is unknown and did not happen', 'unknown', chainOf(written), false],
  ])('are wrong: %s', (_, outcome, chain, took) => {
    expect(complaints(outcome, chain, took)).toHaveLength(1);
  });
});
