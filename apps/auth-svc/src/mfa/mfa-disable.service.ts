import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import type { DisableMfaRequest } from '@oneclaw/contracts/auth';
import { transaction } from '@oneclaw/database';
import { type DomainError, invalid, notFound } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { CredentialsRepository } from '../accounts/credentials.repository.js';
import { PasswordCheck } from '../accounts/password-check.js';
import { commitEvents } from '../audit/commit-events.js';
import { MfaCodes } from './mfa-codes.js';
import { mfaEvent } from './mfa-events.js';
import { TotpFactorsRepository } from './totp-factors.repository.js';

/** Turning MFA off: with a code, or with the password where the authenticator is gone. */
@Injectable()
export class MfaDisableService {
  constructor(
    private readonly database: DataSource,
    private readonly credentials: CredentialsRepository,
    private readonly factors: TotpFactorsRepository,
    private readonly codes: MfaCodes,
    private readonly passwords: PasswordCheck,
  ) {}

  async disable(caller: Caller, call: CallContext, { proof }: DisableMfaRequest): Promise<void> {
    if (!proof) throw invalid('Give a code or the password.', { code: 'is required, or password' });
    if (proof.$case === 'password') await this.byPassword(caller, call, proof.value);
    else await this.byCode(caller, call, proof.value);
  }

  private async byCode(caller: Caller, call: CallContext, input: string): Promise<void> {
    const factor = await this.factors.findEnabled(this.database, caller.id);
    if (!factor) throw isOff();
    const done = await this.codes.throttled(caller.id, call, async () => {
      const code = await this.codes.check(factor, input, call);
      if (!code) return undefined;
      return transaction(this.database, async (manager) => {
        if (!(await code.use(manager))) return undefined;
        await this.remove(manager, caller, call, code.kind);
        return true;
      });
    });
    if (!done) throw await this.refused(caller, call, 'code');
  }

  private async byPassword(caller: Caller, call: CallContext, password: string): Promise<void> {
    const known = await this.credentials.find(this.database, caller.orgId, caller.id);
    if (!known) throw notFound('Account');
    if (!(await this.factors.findEnabled(this.database, caller.id))) throw isOff();
    const match = await this.passwords.match(known.emailCanonical, known.passwordHash ?? undefined, password, call);
    if (!match) throw await this.refused(caller, call, 'password');
    await transaction(this.database, (manager) => this.remove(manager, caller, call, 'password'));
  }

  /** Of parallel calls one does it and leaves the event. */
  private async remove(manager: EntityManager, caller: Caller, call: CallContext, method: string): Promise<void> {
    if (!(await this.factors.delete(manager, caller.id))) return;
    await commitEvents(manager, [mfaEvent('mfa.disable', caller, call, { method })]);
  }

  /** Commits the refusal and answers the error to throw. */
  private async refused(caller: Caller, call: CallContext, field: 'code' | 'password'): Promise<DomainError> {
    const details = { outcome: 'denied', reason: `wrong_${field}` };
    await commitEvents(this.database.manager, [mfaEvent('mfa.disable', caller, call, details)]);
    return invalid(`The ${field} is wrong.`, { [field]: 'is wrong' });
  }
}

function isOff(): DomainError {
  return invalid('MFA is not on.');
}
