import { requireCaller } from '@oneclaw/caller';
import {
  type AttestPrincipalRequest,
  DirectoryServiceDefinition,
  type StatePrincipalRequest,
} from '@oneclaw/contracts/auth';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { DirectoryService } from './directory.service.js';

@RpcController(DirectoryServiceDefinition)
export class DirectoryGrpc implements RpcHandlers<typeof DirectoryServiceDefinition> {
  constructor(private readonly directory: DirectoryService) {}

  async attestPrincipal(request: AttestPrincipalRequest, call: CallContext) {
    return { attestation: await this.directory.attest(requireCaller(call.caller), request, call) };
  }

  async statePrincipal(request: StatePrincipalRequest, call: CallContext) {
    return { facts: await this.directory.state(request, call) };
  }
}
