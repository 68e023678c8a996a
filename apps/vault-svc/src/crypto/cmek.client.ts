import { Injectable } from '@nestjs/common';
import { CmekServiceDefinition, ReencryptResult_Status } from '@oneclaw/contracts/crypto';
import { internal } from '@oneclaw/errors';
import { createRpcClient, type OutgoingCall, type RpcClient } from '@oneclaw/rpc';
import type { VaultKek } from '../vaults/vault.entity.js';
import { CryptoChannel, withoutCaller } from './crypto-channel.js';
import { KekList, type Envelope, type ToOpen } from './envelopes.client.js';

/** Both keys of a rotation, which crypto-svc alone can open. */
export type SealedCmekKeys = ToOpen;

export interface ToReencrypt extends ToOpen {
  /** Of the result. */
  newAssociatedData: Buffer;
}

/** What became of a value: sealed anew, under the client's new key; or why it was left. */
export type Reencrypted = Envelope | 'unreadable' | 'damaged';

/** Has what clients encrypted re-encrypted at crypto-svc. */
@Injectable()
export class CmekClient {
  private readonly client: RpcClient<typeof CmekServiceDefinition>;

  constructor(crypto: CryptoChannel) {
    this.client = createRpcClient(CmekServiceDefinition, crypto);
  }

  /** Throws `invalid_argument` for what is no key. The caller wipes its copies. */
  async sealKeys(
    { kek, associatedData }: Omit<SealedCmekKeys, 'envelope'>,
    oldKey: Buffer,
    newKey: Buffer,
    call: OutgoingCall,
  ): Promise<{ oldFingerprint: string; newFingerprint: string; keys: SealedCmekKeys }> {
    const request = { kek, associatedData, oldKey, newKey };
    const { oldFingerprint, newFingerprint, keys } = await this.client.sealCmekKeys(request, withoutCaller(call));
    if (!keys) throw internal('crypto-svc sealed no keys');
    return { oldFingerprint, newFingerprint, keys: { kek, associatedData, envelope: keys } };
  }

  /** In order, at most 100; sealed under `to`. */
  async reencrypt(
    keys: SealedCmekKeys,
    to: VaultKek,
    items: readonly ToReencrypt[],
    call: OutgoingCall,
  ): Promise<Reencrypted[]> {
    const keks = new KekList();
    const request = {
      keys: { ...keys, kekIndex: keks.indexOf(keys.kek) },
      toKekIndex: keks.indexOf(to),
      items: items.map((item) => ({ ...item, kekIndex: keks.indexOf(item.kek) })),
      keks: keks.list,
    };
    const { results } = await this.client.reencryptCmekValues(request, withoutCaller(call));
    if (results.length !== items.length) throw internal('crypto-svc re-encrypted another number of values');
    return results.map(({ status, envelope }) => {
      if (status === ReencryptResult_Status.UNDER_NEW_KEY && envelope) return envelope;
      return status === ReencryptResult_Status.UNREADABLE ? 'unreadable' : 'damaged';
    });
  }
}
