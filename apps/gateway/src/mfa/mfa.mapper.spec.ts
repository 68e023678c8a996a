import { describe, expect, it } from '@jest/globals';
import { toDisableRequest } from './mfa.mapper.js';
import { qrCodeOf } from './qr-code.js';

describe('a request to turn MFA off', () => {
  it('proves by a code before a password, or by nothing', () => {
    const [code, password] = ['123456', 'secret'];
    expect(toDisableRequest({ code, password })).toEqual({ proof: { $case: 'code', value: code } });
    expect(toDisableRequest({ code: undefined, password })).toEqual({ proof: { $case: 'password', value: password } });
    expect(toDisableRequest({ code: undefined, password: undefined })).toEqual({ proof: undefined });
  });
});

describe('a QR code', () => {
  it('is an image that a browser shows from its URI', async () => {
    const uri = await qrCodeOf('otpauth://totp/OneClaw:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
    expect(uri).toMatch(/^data:image\/png;base64,[A-Za-z0-9+/]+=*$/);
    const png = Buffer.from(uri.slice(uri.indexOf(',') + 1), 'base64');
    expect(png.subarray(1, 4).toString()).toBe('PNG');
  });
});
