import { CheckpointServiceDefinition, type SignCheckpointsRequest } from '@oneclaw/contracts/crypto';
import { RpcController, type RpcHandlers } from '@oneclaw/rpc';
import { CheckpointsService } from './checkpoints.service.js';

@RpcController(CheckpointServiceDefinition)
export class CheckpointsGrpc implements RpcHandlers<typeof CheckpointServiceDefinition> {
  constructor(private readonly checkpoints: CheckpointsService) {}

  signCheckpoints({ checkpoints }: SignCheckpointsRequest) {
    return this.checkpoints.sign(checkpoints);
  }
}
