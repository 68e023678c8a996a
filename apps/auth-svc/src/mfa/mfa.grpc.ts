import type { AuditAction } from '@oneclaw/events';
import { type Caller, requireCaller } from '@oneclaw/caller';
import {
  type BeginMfaSetupRequest,
  type DisableMfaRequest,
  type FinishMfaSetupRequest,
  type GetMfaStatusRequest,
  MfaServiceDefinition,
} from '@oneclaw/contracts/auth';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { InteractiveOnly } from '../sessions/interactive-only.js';
import { MfaDisableService } from './mfa-disable.service.js';
import { MfaSetupService } from './mfa-setup.service.js';

@RpcController(MfaServiceDefinition)
export class MfaGrpc implements RpcHandlers<typeof MfaServiceDefinition> {
  constructor(
    private readonly setup: MfaSetupService,
    private readonly disabling: MfaDisableService,
    private readonly interactive: InteractiveOnly,
  ) {}

  async getMfaStatus(_request: GetMfaStatusRequest, { caller }: CallContext) {
    return { enabled: await this.setup.isOn(requireCaller(caller, 'user')) };
  }

  async beginMfaSetup(_request: BeginMfaSetupRequest, call: CallContext) {
    return this.setup.begin(await this.person(call, 'mfa.enable'), call);
  }

  async finishMfaSetup({ code }: FinishMfaSetupRequest, call: CallContext) {
    return { recoveryCodes: await this.setup.finish(await this.person(call, 'mfa.enable'), call, code) };
  }

  async disableMfa(request: DisableMfaRequest, call: CallContext) {
    await this.disabling.disable(await this.person(call, 'mfa.disable'), call, request);
    return {};
  }

  /** Somebody who has logged in. */
  private async person(call: CallContext, action: AuditAction): Promise<Caller> {
    const caller = requireCaller(call.caller, 'user');
    await this.interactive.require(caller, call, { action, resourceType: 'user', resourceId: caller.id });
    return caller;
  }
}
