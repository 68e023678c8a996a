import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { checkpointMessage, hashEvent, GENESIS, type Checkpoint, type Event } from './encoding.mjs';
import { Keys } from './keys.mjs';
import { parseCheckpoint } from './lines.mjs';
import { verdictOf, verifyExport } from './verify-export.mjs';

interface Vectors {
  keys: object;
  checkpoints: { message: string }[];
  exports: { name: string; expect: string; keys?: object; saved?: string[]; lines: string[] }[];
}

const file = new URL('../../docs/audit-chain.vectors.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
const whole = vectors.exports[0]!.lines;
const parsed = whole.map((line) => JSON.parse(line) as { type: string; org_id: string });
const events = parsed.filter(({ type }) => type === 'event') as unknown as Event[];
const checkpoints = parsed.filter(({ type }) => type === 'checkpoint') as unknown as Checkpoint[];

const textOf = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
const verify = (text: string, { keys = vectors.keys, saved = [] }: { keys?: object; saved?: string[] } = {}) =>
  verifyExport([text], new Keys(JSON.stringify(keys)), saved.map(parseCheckpoint));

describe('the offline verifier', () => {
  it('computes the hashes and the signed bytes of the published vectors', () => {
    let previous = GENESIS;
    for (const event of events) {
      previous = hashEvent(parsed[0]!.org_id, event, previous);
      expect(previous).toBe(event.integrity_hash);
    }
    expect(checkpoints.map((checkpoint) => checkpointMessage(checkpoint).toString('hex'))).toEqual(
      vectors.checkpoints.map(({ message }) => message),
    );
  });

  it.each(vectors.exports.map((vector) => [vector.expect, vector.name, vector] as const))(
    'finds %s: %s',
    async (expected, _name, { lines, ...given }) => {
      expect(verdictOf(await verify(textOf(lines), given))).toBe(expected);
    },
  );

  it('says how much is whole, and by whom and when that was signed', async () => {
    expect(await verify(textOf(whole))).toEqual({
      orgId: parsed[0]!.org_id,
      events: 4,
      firstPosition: 1,
      lastPosition: 4,
      checkpoints: 2,
      unknownKeys: 0,
      unanswered: 0,
      newest: checkpoints[1],
    });
  });

  it('says where the first thing is wrong', async () => {
    const edited = whole.map((line) => line.replace('"action":"secret.write"', '"action":"secret.delete"'));
    const { broken } = await verify(textOf(edited));
    expect(broken).toEqual({
      line: 3,
      eventId: events[1]!.id,
      reason: 'its hash is not the one of its content and the hash before it',
    });
  });

  it('finds any single byte that was changed', async () => {
    const bytes = Buffer.from(textOf(whole));
    const headerOnly = bytes.indexOf('\n');
    for (let at = headerOnly + 1; at < bytes.length; at += 1) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1;
      const report = await verify(damaged.toString());
      // A checkpoint by an unknown key is as good as none; the last one covers everything.
      const ignored = report.unknownKeys === 1 && report.newest?.position === 4;
      if (verdictOf(report) === 'whole' && !ignored)
        throw new Error(`the byte at ${at} may change: ${damaged.subarray(at - 30, at + 10)}`);
    }
  });

  it('finds any line that is missing, doubled, or exchanged with the next', async () => {
    for (let at = 0; at < whole.length; at += 1) {
      const line = whole[at]!;
      for (const lines of [
        whole.toSpliced(at, 1),
        whole.toSpliced(at, 0, line),
        ...(at + 1 < whole.length ? [whole.toSpliced(at, 2, whole[at + 1]!, line)] : []),
      ])
        expect([at, verdictOf(await verify(textOf(lines)))]).toEqual([at, 'changed']);
    }
  });

  it('finds a file that ends too early, wherever that is', async () => {
    const text = textOf(whole);
    for (let length = 0; length < text.length; length += 7)
      expect(verdictOf(await verify(text.slice(0, length)))).toBe('changed');
  });

  it('reads a file in chunks of any size', async () => {
    const text = textOf(whole);
    for (const size of [1, 7, 100_000]) {
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
        text.slice(at * size, (at + 1) * size),
      );
      expect(verdictOf(await verifyExport(chunks, new Keys(JSON.stringify(vectors.keys))))).toBe('whole');
    }
  });

  it('does not call a chain vouched for that was last signed too long ago', async () => {
    const report = await verify(textOf(whole));
    expect(verdictOf(report, checkpoints[1]!.created_at)).toBe('whole');
    expect(verdictOf(report, '2027-01-01T00:00:00Z')).toBe('unsigned');
  });

  it('says what it cannot answer: saved checkpoints from before the first event', async () => {
    const part = vectors.exports.find(({ name }) => name.startsWith('the part'))!;
    const saved = [{ ...checkpoints[0]!, position: 1 }];
    const keys = new Keys(JSON.stringify(vectors.keys));
    expect((await verifyExport([textOf(part.lines)], keys, saved)).unanswered).toBe(1);
    expect((await verifyExport([textOf(part.lines)], keys, [checkpoints[0]!])).unanswered).toBe(0);
  });

  it('takes a saved checkpoint as exports write it, and as GET /v1/audit/verify answers it', () => {
    const { type: _type, ...bare } = checkpoints[0]!;
    for (const text of [checkpoints[0]!, bare, { chain_valid: true, checkpoint: bare }])
      expect(parseCheckpoint(JSON.stringify(text))).toEqual(checkpoints[0]);
    expect(() => parseCheckpoint('{"position":1}')).toThrow('no checkpoint');
  });

  it('believes no key id: it computes them', async () => {
    const [one, two] = (vectors.keys as { keys: [object, object] }).keys;
    const exchanged = { keys: [one, two].map((key) => ({ ...key, kid: 'anything' })) };
    expect(verdictOf(await verify(textOf(whole), { keys: exchanged }))).toBe('whole');
    expect(() => new Keys('{"kty":"RSA"}')).toThrow('Ed25519');
  });
});
