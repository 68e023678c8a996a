import { Injectable } from '@nestjs/common';
import { TotpCheckResult_Status, TotpServiceDefinition } from '@oneclaw/contracts/crypto';
import { internal } from '@oneclaw/errors';
import { createRpcClient, type OutgoingCall, type RpcClient } from '@oneclaw/rpc';
import { CryptoChannel } from '../rpc/channels.js';
import { associatedDataOf } from '../sealing/sealed-place.js';
import type { SealedValue } from '../sealing/sealer.js';
import { SealingKeks } from '../sealing/sealing-keks.js';
import { withoutCaller } from '../tokens/token-signer.js';

/** Secrets of one-time codes, made and checked inside crypto-svc, each bound to its user. */
@Injectable()
export class TotpSecrets {
  private readonly client: RpcClient<typeof TotpServiceDefinition>;

  constructor(
    private readonly keks: SealingKeks,
    crypto: CryptoChannel,
  ) {
    this.client = createRpcClient(TotpServiceDefinition, crypto);
  }

  /** The only time that the secret (20 bytes) is seen outside of crypto-svc. It is the caller's to zero. */
  async generate(userId: string, call: OutgoingCall): Promise<{ secret: Buffer; sealed: SealedValue }> {
    const kek = await this.keks.current(call);
    const associatedData = [placeOf(userId)];
    const { secrets } = await this.client.generateTotpSecrets({ kek, associatedData }, withoutCaller(call));
    const [made] = secrets;
    if (!made?.envelope) throw internal('crypto-svc made no TOTP secret');
    const { wrappedDek, sealedValue } = made.envelope;
    return { secret: made.secret, sealed: { kekId: kek.kekId, wrappedDek, sealedValue } };
  }

  /** The step that the code belongs to; `undefined` for a wrong code. */
  async check(
    userId: string,
    { kekId, ...envelope }: SealedValue,
    code: string,
    call: OutgoingCall,
  ): Promise<number | undefined> {
    const kek = await this.keks.find(kekId);
    const item = { kekIndex: 0, associatedData: placeOf(userId), envelope, code };
    const { results } = await this.client.checkTotpCodes({ keks: [kek], items: [item] }, withoutCaller(call));
    const [result] = results;
    if (result?.status === TotpCheckResult_Status.MATCHED) return result.step;
    if (result?.status === TotpCheckResult_Status.WRONG) return undefined;
    throw internal(`the TOTP secret of ${userId} is damaged or belongs elsewhere`);
  }
}

const placeOf = (userId: string) => associatedDataOf({ purpose: 'totp-secret', ownerId: userId });
