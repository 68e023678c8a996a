import { Injectable } from '@nestjs/common';
import type { AccessToken } from '@oneclaw/contracts/auth';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { LogInCompletion, type Proof } from '../accounts/log-in-completion.js';
import type { UserFacts } from '../sessions/session-issuer.js';
import { hashOfDeviceCode } from './device-code.js';
import type { Approval } from './device-login.entity.js';
import { DeviceLoginsRepository } from './device-logins.repository.js';

export type PollError = 'authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token';

export interface DeviceSession {
  token: AccessToken;
  user: UserFacts;
}

/** What devices ask until a person has decided. */
@Injectable()
export class DevicePollsService {
  constructor(
    private readonly database: DataSource,
    private readonly logins: DeviceLoginsRepository,
    private readonly accounts: AccountsRepository,
    private readonly completion: LogInCompletion,
  ) {}

  async poll(deviceCode: string, call: CallContext): Promise<DeviceSession | PollError> {
    const deviceCodeHash = hashOfDeviceCode(deviceCode);
    const login = await this.logins.poll(this.database, deviceCodeHash);
    if (!login) return 'expired_token';
    if (login.status === 'denied') return 'access_denied';
    if (!login.approval) return login.early ? 'slow_down' : 'authorization_pending';
    const user = await this.approver(login.approval);
    return user ? this.redeem(user, deviceCodeHash, call) : 'access_denied';
  }

  /** Unless they have changed their credentials since, or left the org: then their word of before is void. */
  private async approver({ userId, orgId, credentialEpoch }: Approval): Promise<UserFacts | undefined> {
    const account = await this.accounts.findById(this.database, userId);
    return account?.orgId === orgId && account.credentialEpoch === credentialEpoch ? account : undefined;
  }

  /** The session begins under the epoch that was just compared, so a change from here on voids it. */
  private async redeem(user: UserFacts, deviceCodeHash: Buffer, call: CallContext): Promise<DeviceSession | PollError> {
    const proof: Proof = {
      kind: 'device',
      method: 'device',
      work: async (manager) => {
        if (!(await this.logins.redeem(manager, deviceCodeHash))) throw new Outrun();
      },
    };
    try {
      const { token } = await this.completion.completeInPlace(user, proof, call);
      return { token, user };
    } catch (error) {
      if (error instanceof Outrun) return 'expired_token';
      throw error;
    }
  }
}

/** Another poll has redeemed the code meanwhile; ends the transaction. */
class Outrun extends Error {}
