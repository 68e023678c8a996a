import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import type { ChangePasswordRequest } from '@oneclaw/contracts/auth';
import { type DomainError, invalid } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { Passwords } from '../passwords/passwords.js';
import { InteractiveOnly } from '../sessions/interactive-only.js';
import type { Credentials } from './credentials.repository.js';
import { PasswordCheck } from './password-check.js';
import { PasswordReplacement } from './password-replacement.js';

/** Changes passwords of people who know the current one, or have none yet. */
@Injectable()
export class ChangePasswordService {
  constructor(
    private readonly interactive: InteractiveOnly,
    private readonly passwords: Passwords,
    private readonly checks: PasswordCheck,
    private readonly replacement: PasswordReplacement,
  ) {}

  async change(caller: Caller, call: CallContext, request: ChangePasswordRequest): Promise<void> {
    const attempt = { action: 'auth.change_password' as const, resourceType: 'user', resourceId: caller.id };
    await this.interactive.require(caller, call, attempt);
    const old = await this.replacement.find(caller);
    await this.passwords.check(request.newPassword, [old.email, old.displayName ?? ''], 'new_password');
    await this.proveCurrent(caller, call, old, request.currentPassword);
    const newHash = await this.passwords.hash(request.newPassword);
    if (!(await this.replacement.replace(caller, call, old, newHash))) throw wrongPassword();
  }

  private async proveCurrent(caller: Caller, call: CallContext, old: Credentials, current?: string): Promise<void> {
    if (old.passwordHash === null) return;
    if (current === undefined) throw invalid('The current password is missing.', { current_password: 'is required' });
    if (await this.checks.match(old.emailCanonical, old.passwordHash, current, call)) return;
    await this.replacement.recordRefusal(caller, call);
    throw wrongPassword();
  }
}

function wrongPassword(): DomainError {
  return invalid('The current password is wrong.', { current_password: 'is wrong' });
}
