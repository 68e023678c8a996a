import {
  type BeginDeviceLoginResponse,
  DeviceLoginStatus,
  DevicePollError,
  type GetDeviceLoginResponse,
  type PollDeviceLoginResponse,
} from '@oneclaw/contracts/auth';
import { internal } from '@oneclaw/errors';
import { instantOf } from '../api/wire.js';
import { toTokenResponse } from './auth.mapper.js';
import type * as api from './device.schemas.js';

const STATUSES: Partial<Record<DeviceLoginStatus, api.DeviceCodeStatus>> = {
  [DeviceLoginStatus.PENDING]: 'pending',
  [DeviceLoginStatus.APPROVED]: 'approved',
  [DeviceLoginStatus.DENIED]: 'denied',
  [DeviceLoginStatus.EXPIRED]: 'expired',
};

const POLL_ERRORS: Partial<Record<DevicePollError, api.DevicePollError>> = {
  [DevicePollError.AUTHORIZATION_PENDING]: 'authorization_pending',
  [DevicePollError.SLOW_DOWN]: 'slow_down',
  [DevicePollError.ACCESS_DENIED]: 'access_denied',
  [DevicePollError.EXPIRED_TOKEN]: 'expired_token',
};

export function toDeviceCodeResponse(login: BeginDeviceLoginResponse): api.DeviceCodeResponse {
  return {
    device_code: login.deviceCode,
    user_code: login.userCode,
    verification_uri: login.verificationUri,
    verification_uri_complete: login.verificationUriComplete,
    expires_in: login.expiresInSeconds,
    interval: login.intervalSeconds,
  };
}

export function toDeviceCodeStatusResponse(login: GetDeviceLoginResponse): api.DeviceCodeStatusResponse {
  return {
    user_code: login.userCode,
    client_id: login.clientId,
    status: known(STATUSES[login.status]),
    expires_at: instantOf(login.expiresAt),
  };
}

export function toDeviceTokenResponse({ session, error }: PollDeviceLoginResponse): api.DeviceTokenResponse {
  if (!session) return { error: known(POLL_ERRORS[error]) };
  const { token, email, userId, orgId } = session;
  return { ...toTokenResponse(token), email, user_id: userId, org_id: orgId };
}

function known<T>(word: T | undefined): T {
  if (word === undefined) throw internal('the service answered with a state that this gateway does not know');
  return word;
}
