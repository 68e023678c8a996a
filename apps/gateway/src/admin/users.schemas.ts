import { z } from 'zod';
import { instant, looseAnswer } from '../openapi/schemas.js';

export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 500;

export const adminUserResponse = looseAnswer('AdminUserResponse', {
  id: z.uuid(),
  email: z.string(),
  display_name: z.string().optional(),
  role: z.string().meta({ description: 'In the org.' }),
  auth_method: z.string(),
  org_id: z.uuid(),
  org_name: z.string(),
  billing_tier: z.string(),
  created_at: instant(),
  free_tier_override: z.int().optional().meta({ description: 'Requests a month in place of those of the tier.' }),
  is_sponsored: z.boolean(),
  current_month_requests: z.int().meta({ description: 'Of the org.' }),
});

export const adminUserListResponse = looseAnswer('AdminUsersListResponse', {
  users: z.array(adminUserResponse),
  total: z.int().meta({ description: 'Of all users.' }),
});

export type AdminUserResponse = z.output<typeof adminUserResponse>;
