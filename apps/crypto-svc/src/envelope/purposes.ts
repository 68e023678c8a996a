import { associatedData } from '../hsm/associated-data.js';

/** What a ciphertext is for is authenticated with it, so that none can stand in for another. See hsm/kek.ts for KEKs. */
export const dekAssociatedData = (kekId: Buffer, caller: Buffer) => associatedData('oneclaw/dek/v1', kekId, caller);
export const valueAssociatedData = (caller: Buffer) => associatedData('oneclaw/value/v1', caller);
