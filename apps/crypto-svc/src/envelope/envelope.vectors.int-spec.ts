import { afterAll, expect } from '@jest/globals';
import { eventually } from '@oneclaw/testing';
import { Pkcs11Hsm } from '../hsm/pkcs11-hsm.js';
import { SoftToken } from '../hsm/testing/soft-token.js';
import { ENVELOPE_VECTORS, describeEnvelopeVectors } from './testing/envelope-vectors.js';

let token: SoftToken;
afterAll(() => token.destroy());

describeEnvelopeVectors('SoftHSM', async () => {
  token = await SoftToken.withKeys();
  for (const [generation, value] of Object.entries(ENVELOPE_VECTORS.root_keys)) {
    token.importRootKey(Number(generation), Buffer.from(value, 'hex'));
  }
  const { modulePath, label: tokenLabel, pin } = token;
  const limits = { workers: 1, kekCacheSize: 10, callTimeoutMs: 5000, maxQueuedJobs: 1000 };
  const hsm = new Pkcs11Hsm({ modulePath, tokenLabel, pin, ...limits });
  await eventually(() => expect(hsm.health()).toEqual({ status: 'ok' }));
  return hsm;
});
