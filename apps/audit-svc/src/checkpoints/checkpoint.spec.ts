import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { checkpointBytes, isSignedBy, type Checkpoint } from './checkpoint.js';

interface Vector {
  orgId: string;
  position: number;
  eventId: string;
  integrityHash: string;
  createdAtMicros: number;
  keyId: string;
  message: string;
  signature: string;
}

const file = new URL('../../../../docs/audit-chain.vectors.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as {
  keys: { keys: { kid: string }[] };
  checkpoints: Vector[];
};
const PREFIX = Buffer.from('oneclaw-checkpoint-v1\0').toString('hex');

function checkpointOf({ orgId, position, eventId, keyId, ...vector }: Vector): Checkpoint {
  return {
    orgId,
    position,
    eventId,
    keyId,
    integrityHash: Buffer.from(vector.integrityHash, 'hex'),
    createdAt: new Date(vector.createdAtMicros / 1000),
    signature: Buffer.from(vector.signature, 'base64'),
  };
}

function keyOf({ keyId }: Vector) {
  const jwk = vectors.keys.keys.find(({ kid }) => kid === keyId)!;
  return createPublicKey({ key: jwk as never, format: 'jwk' });
}

describe.each(vectors.checkpoints)('the checkpoint at position $position of the published vectors', (vector) => {
  const checkpoint = checkpointOf(vector);
  const key = keyOf(vector);

  it('has the bytes that are signed, behind the prefix that crypto-svc puts before them', () => {
    expect(PREFIX + checkpointBytes(checkpoint).toString('hex')).toBe(vector.message);
  });

  it('is signed by its key and by no other', async () => {
    expect(await isSignedBy(key, checkpoint)).toBe(true);
    const other = vectors.checkpoints.find(({ keyId }) => keyId !== vector.keyId)!;
    expect(await isSignedBy(keyOf(other), checkpoint)).toBe(false);
  });

  const uuid = '0190b5a0-9999-7999-8999-999999999999';
  it.each<[string, Partial<Checkpoint>]>([
    ['org', { orgId: uuid }],
    ['position', { position: checkpoint.position + 1 }],
    ['event', { eventId: uuid }],
    ['hash', { integrityHash: Buffer.alloc(32) }],
    ['time', { createdAt: new Date(checkpoint.createdAt.getTime() + 1) }],
    ['signature', { signature: Buffer.alloc(64) }],
  ])('is not signed with another %s', async (_, change) => {
    expect(await isSignedBy(key, { ...checkpoint, ...change })).toBe(false);
  });
});
