import { randomBytes } from 'node:crypto';
import { SoftwareHsm } from '../hsm/testing/software-hsm.js';
import { ENVELOPE_VECTORS, describeEnvelopeVectors } from './testing/envelope-vectors.js';

describeEnvelopeVectors('SoftwareHsm', async () => {
  const { '2': second, '3': third } = ENVELOPE_VECTORS.root_keys;
  return new SoftwareHsm([randomBytes(32), Buffer.from(second!, 'hex'), Buffer.from(third!, 'hex')]);
});
