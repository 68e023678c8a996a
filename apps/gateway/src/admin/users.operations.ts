import { z } from 'zod';
import { queryNumber, uuid } from '../api/fields.js';
import { defineOperation } from '../api/operation.js';
import { platform as access } from './access.js';
import { adminUserListResponse, DEFAULT_LIMIT, MAX_LIMIT } from './users.schemas.js';

const tag = 'Admin';

export const adminListUsers = defineOperation({
  id: 'adminListUsers',
  method: 'GET',
  path: '/v1/admin/users',
  tag,
  summary: 'List everybody who has an account',
  description: 'Newest first, with the plans of their orgs.',
  access,
  audit: { action: 'admin.list_users', resource: 'user' },
  query: z.object({
    limit: queryNumber(1, MAX_LIMIT, `How many users to answer at most; ${DEFAULT_LIMIT} when left out.`).optional(),
    offset: queryNumber(0, undefined, 'How many to skip.').optional(),
  }),
  answer: { status: 200, description: 'A page of users, and how many there are.', schema: adminUserListResponse },
});

export const adminDeleteUser = defineOperation({
  id: 'adminDeleteUser',
  method: 'DELETE',
  path: '/v1/admin/users/:user_id',
  tag,
  summary: 'Delete the account of somebody',
  description:
    'As when they delete it themselves: with the last member of an org goes the org. An org that others are in and that loses its last owner gets another: who has been an admin, else a member, longest. Neither the caller nor the last owner of the platform org.',
  access,
  audit: { action: 'admin.delete_user', resource: 'user', idFrom: 'user_id' },
  params: z.object({ user_id: uuid() }),
  answer: { status: 204, description: 'The account is gone.' },
  refusals: [404, 409],
});
