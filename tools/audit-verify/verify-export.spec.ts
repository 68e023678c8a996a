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
const verify = (
  text: string | Buffer,
  { keys = vectors.keys, saved = [] }: { keys?: object; saved?: readonly (string | object)[] } = {},
) =>
  verifyExport(
    [Buffer.from(text as string)],
    new Keys(JSON.stringify(keys)),
    saved.map((each) => parseCheckpoint(typeof each === 'string' ? each : JSON.stringify(each))),
  );

/** A chain of one event, unsigned, whose hash is right. */
function chainOf(change: Partial<Event>): string {
  const event = { ...events[0]!, ...change };
  const lines = [
    { ...parsed[0]!, through_position: 1 },
    { ...event, integrity_hash: hashEvent(parsed[0]!.org_id, event, GENESIS) },
    { type: 'end', events: 1, checkpoints: 0 },
  ];
  return textOf(lines.map((each) => JSON.stringify(each)));
}

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
      connected: true,
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
      const report = await verify(damaged);
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
      const bytes = Buffer.from(text);
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      expect(verdictOf(await verifyExport(chunks, new Keys(JSON.stringify(vectors.keys))))).toBe('whole');
    }
  });

  it('does not call a chain vouched for that was last signed too long ago', async () => {
    const report = await verify(textOf(whole));
    expect(verdictOf(report, checkpoints[1]!.created_at)).toBe('whole');
    expect(verdictOf(report, '2027-01-01T00:00:00Z')).toBe('unsigned');
  });

  it('finds text that has the same UTF-8 and is not the same', async () => {
    const text = chainOf({ details_json: '{"note":"\ufffd"}' });
    expect(verdictOf(await verify(text))).toBe('unsigned');
    const [before, after] = text.split('\ufffd') as [string, string];
    for (const other of ['\\ud800', '\\udfff']) expect(verdictOf(await verify(before + other + after))).toBe('changed');
    const bytes = Buffer.concat([Buffer.from(before), Buffer.from([0xff]), Buffer.from(after)]);
    expect((await verify(bytes)).broken).toMatchObject({ line: 2, reason: 'this is not UTF-8' });
    expect((await verify(`\ufeff${text}`)).broken).toMatchObject({ line: 1 });
  });

  it.each([
    ['2026-03-02T00:00:00.000000Z', ['2026-02-30T00:00:00.000000Z', '2026-03-01T24:00:00.000000Z']],
    ['2026-03-02T03:04:05.678901Z', ['2026-02-30T03:04:05.678901Z', '2026-03-02 03:04:05.678901Z']],
  ])('finds the same moment written in another way: %s', async (moment, others) => {
    const text = chainOf({ created_at: moment });
    expect(verdictOf(await verify(text))).toBe('unsigned');
    for (const other of others) expect(verdictOf(await verify(text.replace(moment, other)))).toBe('changed');
  });

  it.each(['__proto__', 'constructor', 'toString', 'valueOf'])('takes no "%s" for a field', async (name) => {
    for (const [at, field] of [
      [0, 'exported_at'],
      [0, 'checkpoint_key_ids'],
      [1, 'ip_address'],
      [3, 'key_id'],
    ] as const) {
      const line = whole[at]!.replace(`"${field}"`, `"${name}"`);
      expect(line).not.toBe(whole[at]);
      expect(verdictOf(await verify(textOf(whole.with(at, line))))).toBe('changed');
    }
    expect(verdictOf(await verify(textOf(whole.with(1, `{"type":"${name}"}`))))).toBe('changed');
    expect(verdictOf(await verify(textOf(whole.with(1, `{"type":{"${name}":null}}`))))).toBe('changed');
    const signature = { ...checkpoints[0]!, signature: { [name]: null } };
    expect(verdictOf(await verify(textOf(whole.with(3, JSON.stringify(signature)))))).toBe('changed');
  });

  it.each([0, 1, 3, 7])('takes the fields of a line in no other order: line %i', async (at) => {
    const turned = Object.fromEntries(Object.entries(parsed[at]!).toReversed());
    expect(verdictOf(await verify(textOf(whole.with(at, JSON.stringify(turned)))))).toBe('changed');
  });

  it.each([
    ['carriage returns', whole.map((line) => `${line}\r`)],
    ['an empty line', whole.toSpliced(2, 0, '')],
    ['a second header', whole.toSpliced(2, 0, whole[0]!)],
    ['a number in another way', whole.map((line) => line.replace('"position":2,', '"position":2.0,'))],
    [
      'a position beyond all numbers',
      whole.map((line) => line.replace('"position":4,', '"position":9007199254740993,')),
    ],
    ['upper-case hex', whole.map((line) => line.replace(/"integrity_hash":"[^"]*"/, (hash) => hash.toUpperCase()))],
    [
      'upper-case hex in a checkpoint',
      whole.map((line) => line.replace(/"integrity_hash":"ccee/, '"integrity_hash":"CCEE')),
    ],
    ['base64 without its padding', whole.map((line) => line.replace('==', ''))],
    ['base64 with bits to spare', whole.map((line) => line.replace('CA==', 'CB=='))],
  ])('finds %s', async (_, lines) => {
    expect(lines).not.toEqual(whole);
    expect(verdictOf(await verify(textOf(lines)))).toBe('changed');
  });

  it('finds a signature that was made into another one of the same bytes', async () => {
    // RFC 8032, 5.1.7: S plus the group's order solves the same equation.
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const signature = Buffer.from(checkpoints[1]!.signature, 'base64');
    const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order;
    Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse().copy(signature, 32);
    const line = JSON.stringify({ ...checkpoints[1]!, signature: signature.toString('base64') });
    expect((await verify(textOf(whole.with(6, line)))).broken).toMatchObject({
      reason: 'a checkpoint was not signed by the key that it names',
    });
  });

  it('calls a part whole only where it is known what it follows', async () => {
    const part = textOf(vectors.exports.find(({ name }) => name.startsWith('the part'))!.lines);
    const alone = await verify(part);
    expect([alone.connected, verdictOf(alone)]).toEqual([false, 'unsigned']);
    const before = { ...checkpoints[0]!, position: 1 };
    const unconnected = await verify(part, { saved: [before] });
    expect([unconnected.unanswered, verdictOf(unconnected)]).toEqual([1, 'unsigned']);
    for (const saved of [[checkpoints[0]!], [checkpoints[1]!], [before, checkpoints[0]!]])
      expect(verdictOf(await verify(part, { saved }))).toBe('whole');
  });

  it('takes a saved checkpoint as exports, GET /v1/audit/verify and the log have it', () => {
    const { type: _type, ...bare } = checkpoints[0]!;
    const logged = { level: 'info', msg: 'a chain was signed', checkpoint: bare };
    for (const text of [checkpoints[0]!, bare, { chain_valid: true, checkpoint: bare }, logged])
      expect(parseCheckpoint(JSON.stringify(text))).toEqual(checkpoints[0]);
    for (const text of ['{"position":1}', 'null', '1', '{"checkpoint":null}'])
      expect(() => parseCheckpoint(text)).toThrow('no checkpoint');
  });

  it('believes no key id: it computes them', async () => {
    const [one, two] = (vectors.keys as { keys: [object, object] }).keys;
    const exchanged = { keys: [one, two].map((key) => ({ ...key, kid: 'anything' })) };
    expect(verdictOf(await verify(textOf(whole), { keys: exchanged }))).toBe('whole');
    expect(() => new Keys('{"kty":"RSA"}')).toThrow('Ed25519');
  });
});
