import { Injectable } from '@nestjs/common';
import type { Caller, SessionKind } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { type DomainError, conflict, notFound, unauthenticated } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import { RefusalsService } from '../audit/refusals.service.js';
import { Throttle } from '../throttle/throttle.service.js';
import { attemptOf, decisionEvent } from './device-events.js';
import type { Decision, DeviceLogin } from './device-login.entity.js';
import { DeviceLoginsRepository } from './device-logins.repository.js';
import { hashOfUserCode, parseUserCode } from './user-code.js';

/** Not a device's own session, which could go on approving others for ever. */
const INTERACTIVE: readonly SessionKind[] = ['password', 'google'];

/** What people say to the devices that ask for their sessions. */
@Injectable()
export class DeviceDecisionsService {
  constructor(
    private readonly database: DataSource,
    private readonly logins: DeviceLoginsRepository,
    private readonly throttle: Throttle,
    private readonly refusals: RefusalsService,
  ) {}

  async decide(caller: Caller, call: CallContext, typedUserCode: string, decision: Decision): Promise<void> {
    if (!INTERACTIVE.includes(caller.sessionKind)) {
      const reason = 'Deciding on a device needs a person who has logged in with a password or at Google.';
      throw await this.refusals.deny(caller, call, attemptOf(caller, decision), reason);
    }
    const userCode = parseUserCode(typedUserCode);
    if (userCode === undefined) throw notFound('Device code');
    const subject = { account: caller.id, ip: call.clientIp };
    const decided = await this.throttle.guard('device_decision', subject, () =>
      this.tryToDecide(caller, call, hashOfUserCode(userCode), decision),
    );
    if (!decided) throw notFound('Device code');
  }

  /** `undefined` for a code that nobody has. */
  private async tryToDecide(
    caller: Caller,
    call: CallContext,
    userCodeHash: Buffer,
    decision: Decision,
  ): Promise<true | undefined> {
    return transaction(this.database, async (manager) => {
      const clientId = await this.logins.decide(manager, caller, userCodeHash, decision);
      if (clientId !== undefined) {
        await commitEvents(manager, [decisionEvent(caller, call, decision, clientId)]);
        return true;
      }
      const login = await this.logins.find(manager, userCodeHash);
      if (!login) return undefined;
      throw tooLate(login);
    });
  }
}

function tooLate({ status }: DeviceLogin): DomainError {
  if (status === 'expired') return conflict('This code has expired. Begin the login on the device once more.');
  // Nothing but the caller's session was in the way.
  if (status === 'pending') return unauthenticated();
  return conflict(`This device has already been ${status}.`);
}
