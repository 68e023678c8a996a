import {
  EnvelopeServiceDefinition,
  OpenResult_Status,
  SealResult_Status,
  type CreateKeksRequest,
  type OpenRequest,
  type RewrapDeksRequest,
  type RewrapKeksRequest,
  type SealRequest,
} from '@oneclaw/contracts/crypto';
import { RpcController, type RpcHandlers } from '@oneclaw/rpc';
import { EnvelopeService } from './envelope.service.js';
import { kekAt, toKek, toProtoKek, toUsableKek } from './kek.mapper.js';

@RpcController(EnvelopeServiceDefinition)
export class EnvelopeGrpc implements RpcHandlers<typeof EnvelopeServiceDefinition> {
  constructor(private readonly envelopes: EnvelopeService) {}

  async createKeks({ count }: CreateKeksRequest) {
    const keks = await this.envelopes.createKeks(count);
    return { keks: keks.map(toProtoKek) };
  }

  async seal(request: SealRequest) {
    const keks = request.keks.map(toKek);
    try {
      const items = request.items.map((item) => ({ ...item, kek: kekAt(keks, item.kekIndex) }));
      const envelopes = await this.envelopes.seal(items);
      return {
        results: envelopes.map((envelope) =>
          envelope === 'damaged'
            ? { status: SealResult_Status.DAMAGED_KEK }
            : { status: SealResult_Status.SEALED, envelope },
        ),
      };
    } finally {
      for (const { plaintext } of request.items) plaintext.fill(0);
    }
  }

  async open(request: OpenRequest) {
    const keks = request.keks.map(toKek);
    const plaintexts = await this.envelopes.open(
      request.items.map(({ kekIndex, associatedData, envelope }) => ({
        kek: kekAt(keks, kekIndex),
        associatedData,
        wrappedDek: envelope?.wrappedDek ?? NOTHING,
        sealedValue: envelope?.sealedValue ?? NOTHING,
      })),
    );
    return {
      results: plaintexts.map((plaintext) =>
        plaintext === 'damaged'
          ? { status: OpenResult_Status.DAMAGED }
          : { status: OpenResult_Status.OPENED, plaintext },
      ),
    };
  }

  async rewrapDeks({ from, to, items }: RewrapDeksRequest) {
    const rewrapped = await this.envelopes.rewrapDeks(toKek(from), toUsableKek(to), items);
    return { wrappedDeks: rewrapped.map((wrappedDek) => (wrappedDek === 'damaged' ? NOTHING : wrappedDek)) };
  }

  async rewrapKeks(request: RewrapKeksRequest) {
    const keks = await this.envelopes.rewrapKeks(request.keks.map(toKek));
    return {
      keks: keks.map((kek, index) =>
        kek === 'damaged' ? { kekId: request.keks[index]!.kekId, wrapped: NOTHING } : toProtoKek(kek),
      ),
    };
  }
}

const NOTHING = Buffer.alloc(0);
