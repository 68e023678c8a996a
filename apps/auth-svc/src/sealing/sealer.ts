import { Injectable } from '@nestjs/common';
import { EnvelopeServiceDefinition, OpenResult_Status, SealResult_Status } from '@oneclaw/contracts/crypto';
import { internal } from '@oneclaw/errors';
import { createRpcClient, type OutgoingCall, type RpcClient } from '@oneclaw/rpc';
import { CryptoChannel } from '../rpc/channels.js';
import { withoutCaller } from '../tokens/token-signer.js';
import { associatedDataOf, type SealedPlace } from './sealed-place.js';
import { SealingKeks } from './sealing-keks.js';

/** A small value as it may be stored: useless without the HSM. */
export interface SealedValue {
  kekId: string;
  wrappedDek: Buffer;
  sealedValue: Buffer;
}

/** Has small values of auth-svc's own sealed and opened by crypto-svc, each bound to its purpose and owner. */
@Injectable()
export class Sealer {
  private readonly client: RpcClient<typeof EnvelopeServiceDefinition>;

  constructor(
    private readonly keks: SealingKeks,
    crypto: CryptoChannel,
  ) {
    this.client = createRpcClient(EnvelopeServiceDefinition, crypto);
  }

  /** The plaintext is the caller's to zero. */
  async seal(place: SealedPlace, plaintext: Buffer, call: OutgoingCall): Promise<SealedValue> {
    const kek = await this.keks.current(call);
    const item = { kekIndex: 0, associatedData: associatedDataOf(place), plaintext };
    const { results } = await this.client.seal({ keks: [kek], items: [item] }, withoutCaller(call));
    const [result] = results;
    if (result?.status !== SealResult_Status.SEALED || !result.envelope) {
      throw internal(`nothing is sealed under the KEK ${kek.kekId}: it is damaged`);
    }
    return { kekId: kek.kekId, ...result.envelope };
  }

  /** Throws `internal` for a value that is damaged or belongs elsewhere, `unavailable` while the HSM does not answer. */
  async open(place: SealedPlace, { kekId, ...envelope }: SealedValue, call: OutgoingCall): Promise<Buffer> {
    const kek = await this.keks.find(kekId);
    const item = { kekIndex: 0, associatedData: associatedDataOf(place), envelope };
    const { results } = await this.client.open({ keks: [kek], items: [item] }, withoutCaller(call));
    const [result] = results;
    if (result?.status !== OpenResult_Status.OPENED) {
      throw internal(`the sealed ${place.purpose} of ${place.ownerId} is damaged or belongs elsewhere`);
    }
    return result.plaintext;
  }
}
