import { Inject, Injectable } from '@nestjs/common';
import { notFound } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { CONFIG, type AuthConfig } from '../config.js';
import { Throttle } from '../throttle/throttle.service.js';
import { parseClientId } from './client-id.js';
import { hashOfDeviceCode, newDeviceCode } from './device-code.js';
import type { DeviceLogin } from './device-login.entity.js';
import { DeviceLoginsRepository } from './device-logins.repository.js';
import { hashOfUserCode, newUserCode, parseUserCode } from './user-code.js';

const LIFETIME_SECONDS = 600;
const INTERVAL_SECONDS = 5;

/** The beginning of device logins, and what anybody may know of one whose user code they have. */
@Injectable()
export class DeviceLoginsService {
  private readonly page: string;

  constructor(
    private readonly database: DataSource,
    private readonly logins: DeviceLoginsRepository,
    private readonly throttle: Throttle,
    @Inject(CONFIG) config: AuthConfig,
  ) {
    this.page = new URL('/device', config.PUBLIC_URL).href;
  }

  async begin(givenClientId: string) {
    const clientId = parseClientId(givenClientId);
    const [deviceCode, userCode] = [newDeviceCode(), newUserCode()];
    const times = { lifetimeSeconds: LIFETIME_SECONDS, intervalSeconds: INTERVAL_SECONDS };
    const hashes = { deviceCodeHash: hashOfDeviceCode(deviceCode), userCodeHash: hashOfUserCode(userCode) };
    await this.logins.insert(this.database, { ...hashes, clientId, ...times });
    return {
      deviceCode,
      userCode,
      verificationUri: this.page,
      verificationUriComplete: `${this.page}?user_code=${userCode}`,
      expiresInSeconds: LIFETIME_SECONDS,
      intervalSeconds: INTERVAL_SECONDS,
    };
  }

  /** Guesses are throttled, whoever makes them. */
  async get(typedUserCode: string, call: CallContext): Promise<DeviceLogin & { userCode: string }> {
    const userCode = parseUserCode(typedUserCode);
    if (userCode === undefined) throw notFound('Device code');
    const found = await this.throttle.guard('device_code', { account: '', ip: call.clientIp }, () =>
      this.logins.find(this.database, hashOfUserCode(userCode)),
    );
    if (!found) throw notFound('Device code');
    return { ...found, userCode };
  }
}
