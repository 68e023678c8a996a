import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { invalid } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { InteractiveOnly } from '../sessions/interactive-only.js';
import { AccountRemoval } from './account-removal.js';

const CONFIRMATION = 'DELETE MY ACCOUNT';

/** Deletes accounts of people who ask for it. */
@Injectable()
export class DeleteAccountService {
  constructor(
    private readonly interactive: InteractiveOnly,
    private readonly database: DataSource,
    private readonly removal: AccountRemoval,
  ) {}

  async delete(caller: Caller, call: CallContext, confirmation: string): Promise<void> {
    const attempt = { action: 'user.delete' as const, resourceType: 'user', resourceId: caller.id };
    await this.interactive.require(caller, call, attempt);
    if (confirmation !== CONFIRMATION) {
      throw invalid('The deletion is not confirmed.', { confirmation: `must be "${CONFIRMATION}"` });
    }
    await transaction(this.database, (manager) => this.removal.removeSelf(manager, caller, call));
  }
}
