import { describe, expect, it } from '@jest/globals';
import { Answer } from '../answer.js';
import { Ledger, type Intent } from './ledger.js';

const READ: Intent = { action: 'secret.read', orgId: 'o' };

function answer(status: number, headers: Record<string, string> = {}): Answer {
  return new Answer('GET /', status, headers, Buffer.alloc(0));
}

describe('the ledger', () => {
  it.each([
    [200, {}, 'ok'],
    [204, {}, 'ok'],
    [404, {}, 'refused'],
    [429, {}, 'refused'],
    [503, { 'retry-after': '1' }, 'unknown'],
  ] as const)('takes an answer of %i %j for %s', async (status, headers, outcome) => {
    const ledger = new Ledger();
    await ledger.perform(READ, async () => answer(status, headers));
    expect(ledger.operations).toMatchObject([{ ...READ, outcome }]);
    expect(ledger.complaints).toEqual([]);
  });

  it.each([[500], [502], [503], [504]])('complains of a %i that does not say when to come again', async (status) => {
    const ledger = new Ledger();
    await ledger.perform(READ, async () => answer(status));
    expect(ledger.operations[0]?.outcome).toBe('unknown');
    expect(ledger.complaints).toHaveLength(1);
  });

  it('complains of a broken connection, unless the gateway is being killed', async () => {
    const broken = async () => Promise.reject(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    const ledger = new Ledger();
    await ledger.perform(READ, broken);
    expect(ledger.complaints).toHaveLength(1);
    ledger.toleratesDisconnects = true;
    await ledger.perform(READ, broken);
    expect(ledger.complaints).toHaveLength(1);
    expect(ledger.unknown).toBe(2);
  });

  it('complains of an answer that breaks the contract, even while the gateway is being killed', async () => {
    const ledger = new Ledger();
    ledger.toleratesDisconnects = true;
    await ledger.perform(READ, async () => Promise.reject(new Error('it shows internals')));
    expect(ledger.complaints).toHaveLength(1);
  });

  it('has the intent before the operation is sent', async () => {
    const ledger = new Ledger();
    await ledger.perform(READ, async (headers) => {
      expect(ledger.operations).toEqual([
        { ...READ, requestId: headers['x-request-id'], startedAt: expect.any(Number) },
      ]);
      return answer(200);
    });
    expect(ledger.complaints).toEqual([]);
  });
});
