import { describe, expect, it } from '@jest/globals';
import { DeviceLoginStatus, DevicePollError } from '@oneclaw/contracts/auth';
import { toDeviceCodeStatusResponse, toDeviceTokenResponse } from './device.mapper.js';

describe('the answer to a poll', () => {
  it.each([
    [DevicePollError.AUTHORIZATION_PENDING, 'authorization_pending'],
    [DevicePollError.SLOW_DOWN, 'slow_down'],
    [DevicePollError.ACCESS_DENIED, 'access_denied'],
    [DevicePollError.EXPIRED_TOKEN, 'expired_token'],
  ])('is the error of RFC 8628 and nothing else: %s, %s', (error, word) => {
    expect(toDeviceTokenResponse({ session: undefined, error })).toEqual({ error: word });
  });

  it('is a token with whose it is', () => {
    const token = { accessToken: 'jwt', expiresInSeconds: 86_400 };
    const session = { token, email: 'ada@example.com', userId: 'u', orgId: 'o' };
    expect(toDeviceTokenResponse({ session, error: DevicePollError.UNSPECIFIED })).toEqual({
      access_token: 'jwt',
      token_type: 'Bearer',
      expires_in: 86_400,
      email: 'ada@example.com',
      user_id: 'u',
      org_id: 'o',
    });
  });

  it('is an internal error where the service said nothing', () => {
    const nothing = { session: undefined, error: DevicePollError.UNSPECIFIED };
    expect(() => toDeviceTokenResponse(nothing)).toThrow('does not know');
  });
});

it('a login is shown with its state in words', () => {
  const expiresAt = new Date('2026-01-02T03:04:05.678Z');
  const login = { userCode: 'BCDFG-HJKLM', clientId: 'cli', status: DeviceLoginStatus.EXPIRED, expiresAt };
  expect(toDeviceCodeStatusResponse(login)).toEqual({
    user_code: 'BCDFG-HJKLM',
    client_id: 'cli',
    status: 'expired',
    expires_at: '2026-01-02T03:04:05.678Z',
  });
});
