import { type BeginDeviceLoginResponse, DevicePollError } from '@oneclaw/contracts/auth';
import type pg from 'pg';
import { hashOfDeviceCode } from '../devices/device-code.js';
import type { Replica } from './auth-world.js';
import { anonymous } from './people.js';

export const beginDeviceLogin = (replica: Replica, clientId = 'oneclaw-cli') =>
  replica.devices.beginDeviceLogin({ clientId }, anonymous());

/** The error in words; '' where there was a session. */
export async function pollDevice(replica: Replica, { deviceCode }: Pick<BeginDeviceLoginResponse, 'deviceCode'>) {
  const { session, error } = await replica.devices.pollDeviceLogin({ deviceCode }, anonymous());
  return { session, error: session ? '' : DevicePollError[error].toLowerCase() };
}

/** As if so many seconds had passed for this login. */
export async function passTime(owner: pg.Pool, { deviceCode }: BeginDeviceLoginResponse, seconds: number) {
  await owner.query(
    `UPDATE device_logins SET expires_at = expires_at - $2 * interval '1 second', polled_at = polled_at - $2 * interval '1 second'
      WHERE device_code_hash = $1`,
    [hashOfDeviceCode(deviceCode), seconds],
  );
}
