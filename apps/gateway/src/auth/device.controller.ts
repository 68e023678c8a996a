import { Controller } from '@nestjs/common';
import type { PublicCall, SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { toDeviceCodeResponse, toDeviceCodeStatusResponse, toDeviceTokenResponse } from './device.mapper.js';
import { deviceApprove, deviceCode, deviceCodeStatus, deviceDeny, deviceToken } from './device.operations.js';

/** Logins of devices without a browser (RFC 8628). The page for people is in pages/device.page.ts. */
@Controller()
export class DeviceController {
  constructor(private readonly clients: AuthClients) {}

  @Operation(deviceCode)
  async begin(call: PublicCall, { body }: InputOf<typeof deviceCode>) {
    return toDeviceCodeResponse(await this.clients.devices.beginDeviceLogin({ clientId: body.client_id }, call));
  }

  @Operation(deviceToken)
  async poll(call: PublicCall, { body }: InputOf<typeof deviceToken>) {
    return toDeviceTokenResponse(await this.clients.devices.pollDeviceLogin({ deviceCode: body.device_code }, call));
  }

  @Operation(deviceCodeStatus)
  async status(call: PublicCall, { params }: InputOf<typeof deviceCodeStatus>) {
    const login = await this.clients.devices.getDeviceLogin({ userCode: params.user_code }, call);
    return toDeviceCodeStatusResponse(login);
  }

  @Operation(deviceApprove)
  async approve(call: SessionCall, { body }: InputOf<typeof deviceApprove>) {
    await this.clients.deviceDecisions.approveDeviceLogin({ userCode: body.user_code }, call);
    return { status: 'approved' as const };
  }

  @Operation(deviceDeny)
  async deny(call: SessionCall, { body }: InputOf<typeof deviceDeny>) {
    await this.clients.deviceDecisions.denyDeviceLogin({ userCode: body.user_code }, call);
    return { status: 'denied' as const };
  }
}
