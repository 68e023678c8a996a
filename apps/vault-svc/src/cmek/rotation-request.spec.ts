import { describe, expect, it } from '@jest/globals';
import type { CmekRotation } from './cmek-rotation.entity.js';
import { decide } from './rotation-request.js';

const enabled = (fingerprint: string) => ({ enabled: true, fingerprint });
const rotation = (status: CmekRotation['status'], oldFingerprint = 'A', newFingerprint = 'B') =>
  ({ id: 'r', status, oldFingerprint, newFingerprint }) as CmekRotation;
const shown = (oldFingerprint: string, newFingerprint: string) => ({ oldFingerprint, newFingerprint });
const fieldsOf = (decision: ReturnType<typeof decide>) =>
  decision.kind === 'refuse' ? Object.keys(decision.error.fields) : decision;
const codeOf = (decision: ReturnType<typeof decide>) => (decision.kind === 'refuse' ? decision.error.code : decision);

describe('a call to move a vault from one key to another', () => {
  it('begins where the old key is the vault’s', () => {
    expect(decide(enabled('A'), undefined, shown('A', 'B'))).toEqual({ kind: 'begin' });
    expect(decide(enabled('B'), rotation('completed'), shown('B', 'C'))).toEqual({ kind: 'begin' });
    expect(decide(enabled('B'), rotation('failed'), shown('B', 'C'))).toEqual({ kind: 'begin' });
    expect(decide(enabled('B'), rotation('completed'), shown('B', 'A'))).toEqual({ kind: 'begin' });
  });

  it('is refused for another old key', () => {
    expect(fieldsOf(decide(enabled('A'), undefined, shown('X', 'B')))).toEqual(['x-cmek-old-key']);
    expect(fieldsOf(decide(enabled('B'), rotation('completed'), shown('A', 'C')))).toEqual(['x-cmek-old-key']);
  });

  it.each(['running', 'failed'] as const)('goes on, repeated, with one that is %s', (status) => {
    expect(decide(enabled('B'), rotation(status), shown('A', 'B'))).toEqual({
      kind: 'resume',
      rotation: rotation(status),
    });
  });

  it('answers, repeated, one that is completed', () => {
    expect(decide(enabled('B'), rotation('completed'), shown('A', 'B')).kind).toBe('done');
  });

  it('is refused, repeated, with another old key', () => {
    expect(fieldsOf(decide(enabled('B'), rotation('running'), shown('X', 'B')))).toEqual(['x-cmek-old-key']);
    expect(fieldsOf(decide(enabled('B'), rotation('running'), shown('B', 'B')))).toEqual(['x-cmek-old-key']);
  });

  it('is refused where the vault is under that key already, and was not moved to it', () => {
    expect(fieldsOf(decide(enabled('A'), undefined, shown('A', 'A')))).toEqual(['new_fingerprint']);
    expect(fieldsOf(decide(enabled('A'), rotation('completed'), shown('B', 'A')))).toEqual(['new_fingerprint']);
  });

  it('waits for one to another key that is not finished', () => {
    expect(codeOf(decide(enabled('B'), rotation('running'), shown('B', 'C')))).toBe('conflict');
  });

  it('is refused where CMEK is off', () => {
    expect(codeOf(decide({ enabled: false, fingerprint: null }, undefined, shown('A', 'B')))).toBe('conflict');
  });
});
