import type { SigningUse } from '../hsm.port.js';
import { decodeKek, encodeKek } from '../kek.js';
import type { Operation } from '../pool/messages.js';
import { createKek, loadKek, mac, rewrapKek, sign, unwrapDek, unwrapProvenDek, wrapDek } from './operations.js';
import type { Token } from './token.js';

type Job = (token: Token, fields: Buffer[]) => Uint8Array[];

/** The worker's half of `Pkcs11Hsm`: fields in, fields out. An empty field says "damaged". */
export const JOBS: Record<Operation, Job> = {
  /** [count] → KEKs. */
  createKeks: (token, [count]) =>
    Array.from({ length: count!.readUInt32BE() }, () => encodeKek(token.attempt(createKek))),

  /** KEKs → KEKs. */
  rewrapKeks: (token, keks) => {
    const newest = token.attempt(({ keys }) => keys.currentRootGeneration());
    return keks.map((bytes) => {
      const kek = token.attemptOnData((session) => rewrapKek(session, decodeKek(bytes), newest));
      return kek === 'damaged' ? DAMAGED : encodeKek(kek);
    });
  },

  /** [KEK, associated data, DEK]… → [iv | ciphertext | tag]… */
  wrapDeks: (token, fields) =>
    triples(fields).map(([kekBytes, associatedData, dek]) => {
      const kek = decodeKek(kekBytes);
      if (token.attemptOnData((session) => loadKek(session, kek)) === 'damaged') return DAMAGED;
      return token.attempt((session) => wrapDek(session, kek, associatedData, dek));
    }),

  /** [KEK, associated data, iv | ciphertext | tag]… → [DEK]… */
  unwrapDeks: (token, fields) => unwrapEach(token, fields, unwrapDek),

  /** As `unwrapDeks`. */
  unwrapProvenDeks: (token, fields) => unwrapEach(token, fields, unwrapProvenDek),

  /** [use, key id, message…] → signatures. */
  sign: (token, [use, keyId, ...messages]) =>
    messages.map((message) =>
      token.attempt((session) => sign(session, use!.toString() as SigningUse, keyId!.toString(), message)),
    ),

  /** messages → MACs. */
  mac: (token, messages) => messages.map((message) => token.attempt((session) => mac(session, message))),

  /** [use] → [generation, point]… */
  listKeys: (token, [use]) =>
    token
      .attempt(({ keys }) => keys.signingKeys(use!.toString() as SigningUse))
      .flatMap(({ generation, point }) => [Buffer.from(String(generation)), point]),

  /** A real encrypt and decrypt. */
  probe: (token) => {
    token.probe();
    return [];
  },
};

const DAMAGED = new Uint8Array();

function unwrapEach(token: Token, fields: Buffer[], unwrap: typeof unwrapDek): Uint8Array[] {
  return triples(fields).map(([kekBytes, associatedData, wrapped]) => {
    const kek = decodeKek(kekBytes);
    const dek = token.attemptOnData((session) => unwrap(session, kek, associatedData, wrapped));
    return dek === 'damaged' ? DAMAGED : dek;
  });
}

function triples(fields: Buffer[]): [Buffer, Buffer, Buffer][] {
  return Array.from({ length: fields.length / 3 }, (_, index) => {
    const [first, second, third] = fields.slice(index * 3, index * 3 + 3);
    return [first!, second!, third!];
  });
}
