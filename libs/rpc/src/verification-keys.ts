import { VerificationKeys } from '@oneclaw/caller';
import { KeyUse, PublicKeyServiceDefinition } from '@oneclaw/contracts/crypto';
import { createRpcClient, type RpcChannel } from './client.js';

/** Public keys of one use as crypto-svc lists them. */
export function verificationKeysFrom(crypto: RpcChannel, use: KeyUse = KeyUse.TOKEN_SIGNING): VerificationKeys {
  const client = createRpcClient(PublicKeyServiceDefinition, crypto);
  return new VerificationKeys(async () => {
    const { keys } = await client.listPublicKeys({ use }, { requestId: 'verification-keys' });
    return keys.map((key) => ({ kid: key.keyId, publicKey: key.publicKey }));
  });
}
