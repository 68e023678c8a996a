import { describe, expect, it } from '@jest/globals';
import { EventBatch } from '@oneclaw/contracts/events';
import { buryAll, takeApart } from './inbound.js';

const decode = (payload: Uint8Array) => {
  const text = Buffer.from(payload).toString();
  if (text === 'bad') throw new Error('not for us');
  return text;
};

function message(producer: string, first: number, payloads: string[], subject = `audit.v1.${producer}`) {
  const events = payloads.map((text, index) => ({
    seq: first + index,
    id: `id-${first + index}`,
    payload: Buffer.from(text),
  }));
  return { subject, data: EventBatch.encode({ producer, events }).finish() };
}

describe('messages taken apart', () => {
  it('give their events in order and the numbers that they settle', () => {
    const inbound = takeApart([message('vault-svc', 5, ['a', 'b']), message('auth-svc', 1, ['c'])], decode);
    expect(inbound.events).toEqual([
      { id: 'id-5', producer: 'vault-svc', event: 'a' },
      { id: 'id-6', producer: 'vault-svc', event: 'b' },
      { id: 'id-1', producer: 'auth-svc', event: 'c' },
    ]);
    expect(inbound.settled).toEqual([
      { producer: 'vault-svc', first: 5, last: 6 },
      { producer: 'auth-svc', first: 1, last: 1 },
    ]);
    expect(inbound.deadLetters).toEqual([]);
  });

  it('set aside one event that cannot be decoded, and settle its number', () => {
    const inbound = takeApart([message('vault-svc', 5, ['a', 'bad', 'c'])], decode);
    expect(inbound.events.map((event) => event.event)).toEqual(['a', 'c']);
    expect(inbound.deadLetters).toEqual([
      { subject: 'audit.v1.vault-svc', seq: 6, payload: Buffer.from('bad'), reason: 'not for us' },
    ]);
    expect(inbound.settled).toEqual([{ producer: 'vault-svc', first: 5, last: 7 }]);
  });

  const consecutive = message('vault-svc', 1, ['a']);
  const gap = EventBatch.encode({
    producer: 'vault-svc',
    events: [
      { seq: 1, id: 'x', payload: Buffer.from('a') },
      { seq: 3, id: 'y', payload: Buffer.from('b') },
    ],
  }).finish();

  const halfNumbered = EventBatch.encode({
    producer: 'vault-svc',
    events: [
      { seq: 0, id: 'x', payload: Buffer.from('a') },
      { seq: 1, id: 'y', payload: Buffer.from('b') },
    ],
  }).finish();

  it.each([
    ['noise', { ...consecutive, data: Buffer.from([0xff, 0xff, 0xff]) }, 'not an EventBatch'],
    [
      'a truncated batch',
      { ...consecutive, data: consecutive.data.subarray(0, consecutive.data.length - 3) },
      'not an EventBatch',
    ],
    ['an empty message', { ...consecutive, data: new Uint8Array() }, 'does not own'],
    ['another producer’s name', message('auth-svc', 1, ['a'], 'audit.v1.vault-svc'), 'does not own'],
    ['numbers on some events only', { ...consecutive, data: halfNumbered }, 'not consecutive'],
    ['no events', message('vault-svc', 1, []), 'no events'],
    ['numbers that skip', { ...consecutive, data: gap }, 'not consecutive'],
  ])('set aside whole what holds %s, and settle nothing', (_, broken, reason) => {
    const inbound = takeApart([broken, message('vault-svc', 9, ['fine'])], decode);
    expect(inbound.deadLetters).toEqual([
      { subject: broken.subject, seq: undefined, payload: broken.data, reason: expect.stringContaining(reason) },
    ]);
    expect(inbound.settled).toEqual([{ producer: 'vault-svc', first: 9, last: 9 }]);
  });

  it('settle nothing where a producer numbers nothing', () => {
    const events = ['a', 'b'].map((text) => ({ seq: 0, id: `id-${text}`, payload: Buffer.from(text) }));
    const data = EventBatch.encode({ producer: 'gateway', events }).finish();
    const inbound = takeApart([{ subject: 'usage.v1.gateway', data }], decode);
    expect(inbound).toMatchObject({ events: [{ event: 'a' }, { event: 'b' }], settled: [], deadLetters: [] });
  });

  it('settle their numbers when they are given up', () => {
    const inbound = buryAll([message('vault-svc', 5, ['a', 'b'])], 'fails every time');
    expect(inbound).toMatchObject({ events: [], settled: [{ producer: 'vault-svc', first: 5, last: 6 }] });
    expect(inbound.deadLetters).toHaveLength(1);
  });
});
