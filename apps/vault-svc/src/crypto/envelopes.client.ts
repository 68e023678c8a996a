import { Injectable } from '@nestjs/common';
import { EnvelopeServiceDefinition, OpenResult_Status, SealResult_Status } from '@oneclaw/contracts/crypto';
import { internal } from '@oneclaw/errors';
import { createRpcClient, type OutgoingCall, type RpcClient } from '@oneclaw/rpc';
import type { NewKek, VaultKek } from '../vaults/vault.entity.js';
import { CryptoChannel, withoutCaller } from './crypto-channel.js';

export interface Envelope {
  wrappedDek: Buffer;
  sealedValue: Buffer;
}

export interface ToSeal {
  kek: VaultKek;
  associatedData: Buffer;
  plaintext: Buffer;
}

export interface ToOpen {
  kek: VaultKek;
  associatedData: Buffer;
  envelope: Envelope;
}

export interface ToRewrap {
  associatedData: Buffer;
  wrappedDek: Buffer;
}

/** Seals and opens at crypto-svc; each KEK of a batch crosses the wire once. */
@Injectable()
export class EnvelopesClient {
  private readonly client: RpcClient<typeof EnvelopeServiceDefinition>;

  constructor(crypto: CryptoChannel) {
    this.client = createRpcClient(EnvelopeServiceDefinition, crypto);
  }

  async createKek(call: OutgoingCall): Promise<NewKek> {
    const { keks } = await this.client.createKeks({ count: 1 }, withoutCaller(call));
    const [kek] = keks;
    if (!kek || kek.wrapped.length === 0) throw internal('crypto-svc made no KEK');
    return kek;
  }

  /** The same KEKs by the newest root key, in order; `wrapped` is empty where one is damaged. */
  async rewrapKeks(keks: readonly VaultKek[], call: OutgoingCall): Promise<NewKek[]> {
    const answer = await this.client.rewrapKeks({ keks: [...keks] }, withoutCaller(call));
    if (answer.keks.length !== keks.length) throw internal('crypto-svc rewrapped another number of KEKs');
    return answer.keks;
  }

  /** In order; undefined where the KEK is damaged, under which nothing is sealed. */
  async seal(items: readonly ToSeal[], call: OutgoingCall): Promise<(Envelope | undefined)[]> {
    const keks = new KekList();
    const request = items.map(({ kek, associatedData, plaintext }) => ({
      kekIndex: keks.indexOf(kek),
      associatedData,
      plaintext,
    }));
    const { results } = await this.client.seal({ keks: keks.list, items: request }, withoutCaller(call));
    if (results.length !== items.length) throw internal('crypto-svc sealed another number of values');
    return results.map(({ status, envelope }) => (status === SealResult_Status.SEALED ? envelope : undefined));
  }

  /** In order; undefined where an envelope is damaged or does not belong to its place. */
  async open(items: readonly ToOpen[], call: OutgoingCall): Promise<(Buffer | undefined)[]> {
    const keks = new KekList();
    const request = items.map(({ kek, associatedData, envelope }) => ({
      kekIndex: keks.indexOf(kek),
      associatedData,
      envelope,
    }));
    const { results } = await this.client.open({ keks: keks.list, items: request }, withoutCaller(call));
    if (results.length !== items.length) throw internal('crypto-svc opened another number of envelopes');
    return results.map(({ status, plaintext }) => (status === OpenResult_Status.OPENED ? plaintext : undefined));
  }

  /** The same DEKs under another KEK, in order; undefined where one is damaged. */
  async rewrap(
    from: VaultKek,
    to: VaultKek,
    items: readonly ToRewrap[],
    call: OutgoingCall,
  ): Promise<(Buffer | undefined)[]> {
    const { wrappedDeks } = await this.client.rewrapDeks({ from, to, items: [...items] }, withoutCaller(call));
    if (wrappedDeks.length !== items.length) throw internal('crypto-svc rewrapped another number of DEKs');
    return wrappedDeks.map((wrappedDek) => (wrappedDek.length > 0 ? wrappedDek : undefined));
  }
}

/** KEKs by id, and by content too: a tampered one must not stand for another vault's. */
export class KekList {
  readonly list: VaultKek[] = [];
  private readonly indexes = new Map<string, number>();

  indexOf(kek: VaultKek): number {
    const known = this.indexes.get(kek.kekId);
    if (known !== undefined && this.list[known]?.wrapped.equals(kek.wrapped)) return known;
    this.indexes.set(kek.kekId, this.list.length);
    return this.list.push(kek) - 1;
  }
}
