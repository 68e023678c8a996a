import type { Api } from './client.js';
import { gateway } from './world.js';

export interface DeviceCode {
  device_code: string;
  user_code: string;
  verification_uri: string;
  verification_uri_complete: string;
  expires_in: number;
  interval: number;
}

export interface DeviceToken {
  access_token?: string;
  token_type?: string;
  expires_in?: number;
  email?: string;
  user_id?: string;
  org_id?: string;
  error?: string;
}

/** A device that wants to log in. */
export async function newDevice(at: Api = gateway(), clientId = 'oneclaw-cli'): Promise<DeviceCode> {
  return (await at.as(undefined).post('/v1/auth/device/code', { client_id: clientId })).as<DeviceCode>(200);
}

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';

export async function poll(
  { device_code }: Pick<DeviceCode, 'device_code'>,
  at: Api = gateway(),
): Promise<DeviceToken> {
  const body = { device_code, grant_type: GRANT_TYPE };
  return (await at.as(undefined).post('/v1/auth/device/token', body)).as<DeviceToken>(200);
}
