import {
  type CountOlderKeksRequest,
  type RetireOlderRootKeysRequest,
  type RewrapKeksRequest,
  VaultRootKeyServiceDefinition,
} from '@oneclaw/contracts/vault';
import { RootKeyRotation } from '@oneclaw/database';
import { conflict } from '@oneclaw/errors';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { EnvelopesClient } from '../crypto/envelopes.client.js';

@RpcController(VaultRootKeyServiceDefinition)
export class RootKeysGrpc implements RpcHandlers<typeof VaultRootKeyServiceDefinition> {
  constructor(
    private readonly rotation: RootKeyRotation,
    private readonly envelopes: EnvelopesClient,
  ) {}

  async rewrapKeks(page: RewrapKeksRequest, context: CallContext) {
    return await this.rotation.rewrapPage(page, (keks) => this.envelopes.rewrapKeks(keks, context));
  }

  async countOlderKeks({ generation }: CountOlderKeksRequest) {
    return { count: await this.rotation.countOlder(generation) };
  }

  async retireOlderRootKeys({ generation }: RetireOlderRootKeysRequest) {
    if (await this.rotation.retireOlder(generation)) return {};
    throw conflict('KEKs are under older root keys.');
  }
}
