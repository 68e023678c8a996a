import { hash, randomBytes } from 'node:crypto';

const DEVICE_CODE_BYTES = 32;

/** What the device polls with; only its hash is kept. */
export function newDeviceCode(): string {
  return randomBytes(DEVICE_CODE_BYTES).toString('base64url');
}

export function hashOfDeviceCode(deviceCode: string): Buffer {
  return hash('sha256', `device_code:${deviceCode}`, 'buffer');
}
