import { CheckpointKeyServiceDefinition, type ListCheckpointKeysRequest } from '@oneclaw/contracts/audit';
import { KeyUse, PublicKeyServiceDefinition } from '@oneclaw/contracts/crypto';
import { RpcChannel, RpcController, createRpcClient, type CallContext, type RpcHandlers } from '@oneclaw/rpc';

/** For whoever verifies an export. The HSM's keys of the past are among them for as long as it has them. */
@RpcController(CheckpointKeyServiceDefinition)
export class CheckpointKeysGrpc implements RpcHandlers<typeof CheckpointKeyServiceDefinition> {
  private readonly publicKeys;

  constructor(crypto: RpcChannel) {
    this.publicKeys = createRpcClient(PublicKeyServiceDefinition, crypto);
  }

  async listCheckpointKeys(_request: ListCheckpointKeysRequest, context: CallContext) {
    const { keys } = await this.publicKeys.listPublicKeys({ use: KeyUse.CHECKPOINT }, context);
    return { keys: keys.map(({ keyId, publicKey }) => ({ keyId, publicKey })) };
  }
}
