import { VerificationKeys } from '@oneclaw/caller';
import { KeyUse, PublicKeyServiceDefinition } from '@oneclaw/contracts/crypto';
import { createRpcClient, type RpcChannel } from './client.js';

/** Token-signing public keys as crypto-svc lists them. */
export function verificationKeysFrom(crypto: RpcChannel): VerificationKeys {
  const client = createRpcClient(PublicKeyServiceDefinition, crypto);
  return new VerificationKeys(async () => {
    const { keys } = await client.listPublicKeys({ use: KeyUse.TOKEN_SIGNING }, { requestId: 'verification-keys' });
    return keys.map((key) => ({ kid: key.keyId, publicKey: key.publicKey }));
  });
}
