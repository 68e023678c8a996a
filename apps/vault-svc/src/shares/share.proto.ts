import type { ListedShare } from './share.entity.js';

/** For a message of the contract, where what is absent is undefined. */
export function toProto({ path, recipientEmail, maxAccessCount, ...share }: ListedShare) {
  return {
    ...share,
    secretPath: path,
    recipientEmail: recipientEmail ?? undefined,
    maxAccessCount: maxAccessCount ?? undefined,
  };
}
