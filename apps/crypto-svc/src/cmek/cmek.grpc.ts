import {
  CmekServiceDefinition,
  ReencryptResult_Status,
  type Envelope,
  type ReencryptCmekValuesRequest,
  type SealCmekKeysRequest,
} from '@oneclaw/contracts/crypto';
import { RpcController, type RpcHandlers } from '@oneclaw/rpc';
import { kekAt, toKek, toUsableKek } from '../envelope/kek.mapper.js';
import { CmekService, type Reencrypted } from './cmek.service.js';

@RpcController(CmekServiceDefinition)
export class CmekGrpc implements RpcHandlers<typeof CmekServiceDefinition> {
  constructor(private readonly cmek: CmekService) {}

  async sealCmekKeys({ kek, associatedData, oldKey, newKey }: SealCmekKeysRequest) {
    try {
      return await this.cmek.sealKeys(toUsableKek(kek), associatedData, oldKey, newKey);
    } finally {
      oldKey.fill(0);
      newKey.fill(0);
    }
  }

  async reencryptCmekValues({ keks, keys, toKekIndex, items }: ReencryptCmekValuesRequest) {
    const parsed = keks.map(toKek);
    const toOpen = (kekIndex: number, associatedData: Buffer, envelope: Envelope | undefined) => ({
      kek: kekAt(parsed, kekIndex),
      associatedData,
      wrappedDek: envelope?.wrappedDek ?? NOTHING,
      sealedValue: envelope?.sealedValue ?? NOTHING,
    });
    const results = await this.cmek.reencrypt(
      toOpen(keys?.kekIndex ?? 0, keys?.associatedData ?? NOTHING, keys?.envelope),
      toUsableKek(kekAt(keks, toKekIndex)),
      items.map(({ kekIndex, associatedData, envelope, newAssociatedData }) => ({
        ...toOpen(kekIndex, associatedData, envelope),
        newAssociatedData,
      })),
    );
    return { results: results.map(toResult) };
  }
}

function toResult(result: Reencrypted) {
  if (result === 'damaged') return { status: ReencryptResult_Status.DAMAGED };
  if (result === 'unreadable') return { status: ReencryptResult_Status.UNREADABLE };
  return { status: ReencryptResult_Status.UNDER_NEW_KEY, envelope: result };
}

const NOTHING = Buffer.alloc(0);
