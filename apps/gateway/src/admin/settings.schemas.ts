import { z } from 'zod';
import { freeText } from '../api/fields.js';
import { instant, looseAnswer, requestBody } from '../openapi/schemas.js';

export const updateSettingRequest = requestBody('UpdateSettingRequest', { value: freeText(4096) });

export const settingResponse = looseAnswer('SettingResponse', {
  key: z.string(),
  value: z.string(),
  updated_by: z.uuid().optional(),
  updated_at: instant(),
});

export const settingListResponse = looseAnswer('SettingsListResponse', { settings: z.array(settingResponse) });

export type SettingResponse = z.output<typeof settingResponse>;
