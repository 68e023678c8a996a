import {
  type CountOlderKeksRequest,
  type RetireOlderRootKeysRequest,
  type RewrapKeksRequest,
  AuthRootKeyServiceDefinition,
} from '@oneclaw/contracts/auth';
import { RootKeyRotation } from '@oneclaw/database';
import { conflict } from '@oneclaw/errors';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { SealingKeks } from '../sealing/sealing-keks.js';

@RpcController(AuthRootKeyServiceDefinition)
export class RootKeysGrpc implements RpcHandlers<typeof AuthRootKeyServiceDefinition> {
  constructor(
    private readonly rotation: RootKeyRotation,
    private readonly keks: SealingKeks,
  ) {}

  async rewrapKeks(page: RewrapKeksRequest, context: CallContext) {
    return await this.rotation.rewrapPage(page, (keks) => this.keks.rewrap(keks, context));
  }

  async countOlderKeks({ generation }: CountOlderKeksRequest) {
    return { count: await this.rotation.countOlder(generation) };
  }

  async retireOlderRootKeys({ generation }: RetireOlderRootKeysRequest) {
    if (await this.rotation.retireOlder(generation)) return {};
    throw conflict('KEKs are under older root keys.');
  }
}
