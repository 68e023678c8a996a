import { z } from 'zod';
import { text } from '../api/fields.js';
import { defineOperation } from '../api/operation.js';
import { platform as access } from './access.js';
import { settingListResponse, settingResponse, updateSettingRequest } from './settings.schemas.js';

const tag = 'Admin';
const params = z.object({ key: text(128, 'Of a-z, 0-9, `_` and `.`.') });
const KNOWN =
  '`maintenance_mode` and `intents_api.require_simulation` are `"true"` or `"false"`, and act within a second; other keys are kept, and nothing acts by them.';

export const adminListSettings = defineOperation({
  id: 'adminListSettings',
  method: 'GET',
  path: '/v1/admin/settings',
  tag,
  summary: 'List the settings of the installation',
  access,
  audit: { action: 'admin.list_settings', resource: 'setting' },
  answer: { status: 200, description: 'Those that are set.', schema: settingListResponse },
});

export const adminUpdateSetting = defineOperation({
  id: 'adminUpdateSetting',
  method: 'PUT',
  path: '/v1/admin/settings/:key',
  tag,
  summary: 'Set a setting of the installation',
  description: KNOWN,
  access,
  audit: { action: 'admin.set_setting', resource: 'setting', idFrom: 'key' },
  params,
  body: updateSettingRequest,
  answer: { status: 200, description: 'The setting.', schema: settingResponse },
});

export const adminDeleteSetting = defineOperation({
  id: 'adminDeleteSetting',
  method: 'DELETE',
  path: '/v1/admin/settings/:key',
  tag,
  summary: 'Unset a setting of the installation',
  access,
  audit: { action: 'admin.delete_setting', resource: 'setting', idFrom: 'key' },
  params,
  answer: { status: 204, description: 'It is as if it had never been set.' },
  refusals: [404],
});
