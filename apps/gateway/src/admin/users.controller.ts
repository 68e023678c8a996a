import { Controller } from '@nestjs/common';
import type { SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { BillingClients } from '../upstreams/billing-clients.js';
import { toAdminUserResponse } from './users.mapper.js';
import { adminDeleteUser, adminListUsers } from './users.operations.js';
import { DEFAULT_LIMIT } from './users.schemas.js';

@Controller()
export class AdminUsersController {
  constructor(
    private readonly auth: AuthClients,
    private readonly billing: BillingClients,
    private readonly sessions: SessionsService,
  ) {}

  @Operation(adminListUsers)
  async list(call: SessionCall, { query }: InputOf<typeof adminListUsers>) {
    const { limit = DEFAULT_LIMIT, offset = 0 } = query;
    const { users, total } = await this.auth.platform.listUsers({ limit, offset }, call);
    const orgIds = [...new Set(users.map(({ orgId }) => orgId))];
    const { plans } = await this.billing.planAdmin.listOrgPlans({ orgIds }, call);
    const planOf = new Map(orgIds.map((orgId, index) => [orgId, plans[index]]));
    return { users: users.map((user) => toAdminUserResponse(user, planOf.get(user.orgId))), total };
  }

  @Operation(adminDeleteUser)
  async delete(call: SessionCall, { params }: InputOf<typeof adminDeleteUser>) {
    await this.auth.platform.deleteUser({ userId: params.user_id }, call);
    this.sessions.forget(`user:${params.user_id}`);
  }
}
