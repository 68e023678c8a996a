import { Controller } from '@nestjs/common';
import type { SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { toProfileChange, toProfileResponse } from './auth.mapper.js';
import { changePassword, deleteMe, updateMe } from './profile.operations.js';

/** What people do with their own accounts. */
@Controller()
export class ProfileController {
  constructor(
    private readonly clients: AuthClients,
    private readonly sessions: SessionsService,
  ) {}

  @Operation(updateMe)
  async update(call: SessionCall, { body }: InputOf<typeof updateMe>) {
    const { profile } = await this.clients.profiles.updateProfile(toProfileChange(body), call);
    return toProfileResponse(profile);
  }

  @Operation(deleteMe)
  async delete(call: SessionCall, { body }: InputOf<typeof deleteMe>) {
    const confirmation = body.confirmation ?? body.confirm ?? '';
    await this.clients.profiles.deleteAccount({ confirmation }, call);
    this.sessions.forget(`user:${call.session.id}`);
  }

  @Operation(changePassword)
  async changePassword(call: SessionCall, { body }: InputOf<typeof changePassword>) {
    const { current_password: currentPassword, new_password: newPassword } = body;
    await this.clients.profiles.changePassword({ currentPassword, newPassword }, call);
    this.sessions.forget(`user:${call.session.id}`);
  }
}
