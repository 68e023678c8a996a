import { defineOperation } from '../api/operation.js';
import { platform as access } from './access.js';
import { x402SettingsRequest, x402SettingsResponse } from './x402.schemas.js';

const tag = 'Admin';

export const adminGetX402Config = defineOperation({
  id: 'adminGetX402Config',
  method: 'GET',
  path: '/v1/admin/x402',
  tag,
  summary: 'Get how requests are paid for by x402',
  access,
  audit: { action: 'admin.read_x402', resource: 'org' },
  answer: { status: 200, description: 'The settings.', schema: x402SettingsResponse },
});

export const adminUpdateX402Config = defineOperation({
  id: 'adminUpdateX402Config',
  method: 'PUT',
  path: '/v1/admin/x402',
  tag,
  summary: 'Set how requests are paid for by x402',
  description: 'What is left out stays; `null` unsets.',
  access,
  audit: { action: 'admin.set_x402', resource: 'org' },
  body: x402SettingsRequest,
  answer: { status: 200, description: 'The settings as they are now.', schema: x402SettingsResponse },
});
