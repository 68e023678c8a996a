import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { conflict, invalid, notFound } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { commitEvents } from '../audit/commit-events.js';
import { base32 } from './base32.js';
import { mfaEvent } from './mfa-events.js';
import { otpauthUri } from './otpauth-uri.js';
import { RecoveryCodes } from './recovery-codes.js';
import { TotpFactorsRepository } from './totp-factors.repository.js';
import { TotpSecrets } from './totp-secrets.js';

/** Turning MFA on: a secret for the authenticator, then a code that proves that it is there. */
@Injectable()
export class MfaSetupService {
  constructor(
    private readonly database: DataSource,
    private readonly accounts: AccountsRepository,
    private readonly factors: TotpFactorsRepository,
    private readonly secrets: TotpSecrets,
    private readonly recovery: RecoveryCodes,
  ) {}

  async isOn({ id }: Caller): Promise<boolean> {
    return (await this.factors.findEnabled(this.database, id)) !== undefined;
  }

  /** May be begun anew until it is finished: the last secret counts. */
  async begin({ id: userId, orgId }: Caller, call: CallContext): Promise<{ secret: string; otpauthUri: string }> {
    const account = await this.accounts.findProfile(this.database, orgId, userId);
    if (!account) throw notFound('Account');
    const { secret, sealed } = await this.secrets.generate(userId, call);
    const text = base32(secret);
    secret.fill(0);
    if (!(await this.factors.begin(this.database, { userId, setupId: uuidv7(), sealed }))) {
      throw conflict('MFA is on already. Turn it off first.');
    }
    return { secret: text, otpauthUri: otpauthUri(account.email, text) };
  }

  /** The code's step is used up with it. Answers recovery codes, to be shown once. */
  async finish(caller: Caller, call: CallContext, code: string): Promise<string[]> {
    const { id: userId } = caller;
    const pending = await this.factors.findPending(this.database, userId);
    if (!pending) throw invalid('There is no setup of MFA to finish. Begin one.');
    const step = await this.secrets.check(userId, pending.sealed, code.replace(/\s/g, ''), call);
    if (step === undefined) throw wrongCode();
    const { codes, stored } = await this.recovery.make();
    await transaction(this.database, async (manager) => {
      // Whatever was begun or finished meanwhile, this code was for another secret.
      if (!(await this.factors.enable(manager, userId, pending.setupId, step))) throw wrongCode();
      await this.recovery.store(manager, userId, stored);
      await commitEvents(manager, [mfaEvent('mfa.enable', caller, call)]);
    });
    return codes;
  }
}

function wrongCode() {
  return invalid('The code is wrong.', { code: 'is wrong' });
}
