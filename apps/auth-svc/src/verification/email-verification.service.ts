import { Injectable } from '@nestjs/common';
import { type DomainError, invalid } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { type FirstProof, SecondStep } from '../mfa/second-step.js';
import { hashOf } from '../mail/mail-token.js';
import { VerificationsRepository } from './verifications.repository.js';
import { VerifiedAddresses } from './verified-addresses.js';

/** Redeems the links of verification mails. Whoever has one reads the mailbox, and is logged in as if with the password. */
@Injectable()
export class EmailVerificationService {
  constructor(
    private readonly database: DataSource,
    private readonly verifications: VerificationsRepository,
    private readonly accounts: AccountsRepository,
    private readonly addresses: VerifiedAddresses,
    private readonly secondStep: SecondStep,
  ) {}

  async verify(token: string, call: CallContext) {
    const tokenHash = hashOf(token);
    const userId = await this.verifications.findUser(this.database, tokenHash);
    const account = userId && (await this.accounts.findById(this.database, userId));
    if (!account) throw refused();
    const proof: FirstProof = {
      kind: 'password',
      method: 'email_verification',
      confirmsAddress: true,
      work: async (manager) => {
        if (!(await this.verifications.consume(manager, tokenHash))) throw refused();
        await this.addresses.confirm(manager, account);
      },
    };
    return this.secondStep.proceed(account, proof, call);
  }
}

function refused(): DomainError {
  return invalid('This link is not valid. It may be used up or older than 24 hours.', {
    token: 'is unknown, used up or expired',
  });
}
