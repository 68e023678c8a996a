import { Controller } from '@nestjs/common';
import type { Setting } from '@oneclaw/contracts/auth';
import type { SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { instantOf, orAbsent, present } from '../api/wire.js';
import { PlatformState } from '../platform/platform-state.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { adminDeleteSetting, adminListSettings, adminUpdateSetting } from './settings.operations.js';
import type { SettingResponse } from './settings.schemas.js';

@Controller()
export class AdminSettingsController {
  constructor(
    private readonly clients: AuthClients,
    private readonly state: PlatformState,
  ) {}

  @Operation(adminListSettings)
  async list(call: SessionCall) {
    const { settings } = await this.clients.platform.listSettings({}, call);
    return { settings: settings.map(toSettingResponse) };
  }

  @Operation(adminUpdateSetting)
  async put(call: SessionCall, { params, body }: InputOf<typeof adminUpdateSetting>) {
    const { setting } = await this.clients.platform.putSetting({ key: params.key, value: body.value }, call);
    this.state.forget();
    return toSettingResponse(present(setting, 'the setting'));
  }

  @Operation(adminDeleteSetting)
  async delete(call: SessionCall, { params }: InputOf<typeof adminDeleteSetting>) {
    await this.clients.platform.deleteSetting({ key: params.key }, call);
    this.state.forget();
  }
}

function toSettingResponse({ key, value, updatedBy, updatedAt }: Setting): SettingResponse {
  return { key, value, updated_by: orAbsent(updatedBy), updated_at: instantOf(updatedAt) };
}
