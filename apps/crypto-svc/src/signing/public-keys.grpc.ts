import { KeyUse, PublicKeyServiceDefinition, type ListPublicKeysRequest } from '@oneclaw/contracts/crypto';
import { invalid } from '@oneclaw/errors';
import { RpcController, type RpcHandlers } from '@oneclaw/rpc';
import type { SigningUse } from '../hsm/hsm.port.js';
import { SigningKeys } from './signing-keys.js';

const USES: Partial<Record<KeyUse, SigningUse>> = {
  [KeyUse.TOKEN_SIGNING]: 'token-signing',
  [KeyUse.CHECKPOINT]: 'checkpoint',
};

@RpcController(PublicKeyServiceDefinition)
export class PublicKeysGrpc implements RpcHandlers<typeof PublicKeyServiceDefinition> {
  constructor(private readonly keys: SigningKeys) {}

  async listPublicKeys({ use }: ListPublicKeysRequest) {
    const known = USES[use];
    if (known === undefined) throw invalid('The use of the keys is not known.', { use: 'is not known' });
    const keys = await this.keys.list(known);
    return { keys: keys.map(({ keyId, publicKey, current }) => ({ keyId, publicKey, current })) };
  }
}
