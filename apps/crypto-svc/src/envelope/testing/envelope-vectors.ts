import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Hsm } from '../../hsm/hsm.port.js';
import { EnvelopeService } from '../envelope.service.js';
import { toKek } from '../kek.mapper.js';
import { RecordedAlarm } from './recorded-alarm.js';

interface Vector {
  name: string;
  kek_id: string;
  wrapped_kek: string;
  associated_data: string;
  wrapped_dek: string;
  sealed_value: string;
}

interface Vectors {
  root_keys: Record<string, string>;
  opens: readonly (Vector & { dek: string; plaintext: string })[];
  must_fail: readonly Vector[];
}

export const ENVELOPE_VECTORS = JSON.parse(
  readFileSync(new URL('../../../test/vectors/envelope-v1.json', import.meta.url), 'utf8'),
) as Vectors;

const hex = (text: string) => Buffer.from(text, 'hex');

/** test/vectors/envelope-v1.json, against an Hsm that holds the vectors' root keys in generations 2 and 3. */
export function describeEnvelopeVectors(name: string, makeHsm: () => Promise<Hsm>): void {
  describe(`the envelope vectors, with ${name}`, () => {
    let hsm: Hsm;
    let envelopes: EnvelopeService;
    beforeAll(async () => {
      hsm = await makeHsm();
      envelopes = new EnvelopeService(hsm, new RecordedAlarm());
    });
    afterAll(() => hsm.close());

    function toItem(vector: Vector) {
      return {
        kek: toKek({ kekId: vector.kek_id, wrapped: hex(vector.wrapped_kek) }),
        associatedData: hex(vector.associated_data),
        wrappedDek: hex(vector.wrapped_dek),
        sealedValue: hex(vector.sealed_value),
      };
    }

    it.each(ENVELOPE_VECTORS.opens.map((vector) => [vector.name, vector] as const))('opens %s', async (_, vector) => {
      expect(await envelopes.open([toItem(vector)])).toEqual([hex(vector.plaintext)]);
    });

    it.each(ENVELOPE_VECTORS.must_fail.map((vector) => [vector.name, vector] as const))(
      'calls damaged: %s',
      async (_, vector) => {
        expect(await envelopes.open([toItem(vector)])).toEqual(['damaged']);
      },
    );

    it('answers each of them as before when they come in one batch', async () => {
      const { opens, must_fail: mustFail } = ENVELOPE_VECTORS;
      const results = await envelopes.open([...mustFail, ...opens].map(toItem));
      expect(results).toEqual([...mustFail.map(() => 'damaged'), ...opens.map(({ plaintext }) => hex(plaintext))]);
    });

    it('seals under the vectors’ KEKs what it opens again', async () => {
      const [vector] = ENVELOPE_VECTORS.opens;
      const { kek, associatedData } = toItem(vector!);
      const [envelope] = await envelopes.sealAll([{ kek, associatedData, plaintext: Buffer.from('new') }]);
      expect(await envelopes.open([{ kek, associatedData, ...envelope! }])).toEqual([Buffer.from('new')]);
    });
  });
}
