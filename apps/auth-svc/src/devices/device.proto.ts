import { DeviceLoginStatus, DevicePollError, type PollDeviceLoginResponse } from '@oneclaw/contracts/auth';
import type * as entity from './device-login.entity.js';
import type { DeviceSession, PollError } from './device-polls.service.js';

export const STATUSES: Record<entity.DeviceLoginStatus, DeviceLoginStatus> = {
  pending: DeviceLoginStatus.PENDING,
  approved: DeviceLoginStatus.APPROVED,
  denied: DeviceLoginStatus.DENIED,
  expired: DeviceLoginStatus.EXPIRED,
};

const ERRORS: Record<PollError, DevicePollError> = {
  authorization_pending: DevicePollError.AUTHORIZATION_PENDING,
  slow_down: DevicePollError.SLOW_DOWN,
  access_denied: DevicePollError.ACCESS_DENIED,
  expired_token: DevicePollError.EXPIRED_TOKEN,
};

export function toPollResponse(outcome: DeviceSession | PollError): PollDeviceLoginResponse {
  if (typeof outcome === 'string') return { session: undefined, error: ERRORS[outcome] };
  const { token, user } = outcome;
  const session = { token, email: user.email, userId: user.id, orgId: user.orgId };
  return { session, error: DevicePollError.UNSPECIFIED };
}
