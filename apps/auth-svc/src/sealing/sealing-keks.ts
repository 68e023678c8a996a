import { Injectable } from '@nestjs/common';
import { EnvelopeServiceDefinition } from '@oneclaw/contracts/crypto';
import type { StoredKek } from '@oneclaw/database';
import { internal } from '@oneclaw/errors';
import { createRpcClient, type OutgoingCall, type RpcClient } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { CryptoChannel } from '../rpc/channels.js';
import { withoutCaller } from '../tokens/token-signer.js';
import { type SealingKek, SealingKeksRepository } from './sealing-keks.repository.js';

/**
 * The KEKs of auth-svc. The first one is made by whoever first needs it; replicas that make one at the same time end with the
 * same, because the database keeps one current KEK only. They are read anew each time: a rotation of the root key rewraps them.
 */
@Injectable()
export class SealingKeks {
  private readonly client: RpcClient<typeof EnvelopeServiceDefinition>;

  constructor(
    private readonly database: DataSource,
    private readonly repository: SealingKeksRepository,
    crypto: CryptoChannel,
  ) {
    this.client = createRpcClient(EnvelopeServiceDefinition, crypto);
  }

  async current(call: OutgoingCall): Promise<SealingKek> {
    const found = await this.repository.findCurrent(this.database);
    if (found) return found;
    const { keks } = await this.client.createKeks({ count: 1 }, withoutCaller(call));
    const [made] = keks;
    if (!made) throw internal('crypto-svc made no KEK');
    await this.repository.insertCurrent(this.database, made);
    const winner = await this.repository.findCurrent(this.database);
    if (!winner) throw internal('there is no current KEK after one was stored');
    return winner;
  }

  async find(kekId: string): Promise<SealingKek> {
    const kek = await this.repository.find(this.database, kekId);
    if (!kek) throw internal(`the KEK ${kekId} of a sealed value is missing`);
    return kek;
  }

  /** The same KEKs by the newest root key, in order; `wrapped` is empty where one is damaged. */
  async rewrap(keks: readonly SealingKek[], call: OutgoingCall): Promise<StoredKek[]> {
    const answer = await this.client.rewrapKeks({ keks: [...keks] }, withoutCaller(call));
    if (answer.keks.length !== keks.length) throw internal('crypto-svc rewrapped another number of KEKs');
    return answer.keks;
  }
}
