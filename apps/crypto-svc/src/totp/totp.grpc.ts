import {
  type CheckTotpCodesRequest,
  type GenerateTotpSecretsRequest,
  TotpCheckResult_Status,
  TotpServiceDefinition,
} from '@oneclaw/contracts/crypto';
import { RpcController, type RpcHandlers } from '@oneclaw/rpc';
import { kekAt, toKek } from '../envelope/kek.mapper.js';
import { type CheckedCode, TotpService } from './totp.service.js';

@RpcController(TotpServiceDefinition)
export class TotpGrpc implements RpcHandlers<typeof TotpServiceDefinition> {
  constructor(private readonly totp: TotpService) {}

  async generateTotpSecrets({ kek, associatedData }: GenerateTotpSecretsRequest) {
    return { secrets: await this.totp.generate(toKek(kek), associatedData) };
  }

  async checkTotpCodes(request: CheckTotpCodesRequest) {
    const keks = request.keks.map(toKek);
    const items = request.items.map(({ kekIndex, associatedData, envelope, code }) => ({
      kek: kekAt(keks, kekIndex),
      associatedData,
      wrappedDek: envelope?.wrappedDek ?? NOTHING,
      sealedValue: envelope?.sealedValue ?? NOTHING,
      code,
    }));
    return { results: (await this.totp.check(items)).map(toResult) };
  }
}

const NOTHING = Buffer.alloc(0);

function toResult(checked: CheckedCode) {
  if (checked === 'wrong') return { status: TotpCheckResult_Status.WRONG };
  if (checked === 'damaged') return { status: TotpCheckResult_Status.DAMAGED };
  return { status: TotpCheckResult_Status.MATCHED, step: checked.step };
}
