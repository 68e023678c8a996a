import { randomBytes } from 'node:crypto';
import {
  type CheckTotpCodesRequest,
  type GenerateTotpSecretsRequest,
  OpenResult_Status,
  TotpCheckResult_Status,
  TotpServiceDefinition,
} from '@oneclaw/contracts/crypto';
import { unavailable } from '@oneclaw/errors';
import { RpcController, type RpcHandlers } from '@oneclaw/rpc';
import { FakeEnvelopesGrpc } from './fake-envelopes.js';
import { codeAt, stepAt } from './totp-codes.js';

/** The time as the fake knows it: a test moves it on instead of waiting. */
export class TotpClock {
  offsetMs = 0;
  broken = false;
  /** How many codes were looked at. */
  checks = 0;

  step(): number {
    return stepAt(Date.now() + this.offsetMs);
  }
}

/** Codes as crypto-svc checks them, of secrets that the fake envelopes hold. */
@RpcController(TotpServiceDefinition)
export class FakeTotpGrpc implements RpcHandlers<typeof TotpServiceDefinition> {
  private readonly envelopes = new FakeEnvelopesGrpc();

  constructor(private readonly clock: TotpClock) {}

  async generateTotpSecrets({ kek, associatedData }: GenerateTotpSecretsRequest) {
    const plaintexts = associatedData.map(() => randomBytes(20));
    const items = plaintexts.map((plaintext, index) => ({
      kekIndex: 0,
      associatedData: associatedData[index]!,
      plaintext,
    }));
    const { results } = await this.envelopes.seal({ keks: [kek!], items });
    return { secrets: plaintexts.map((secret, index) => ({ secret, envelope: results[index]!.envelope })) };
  }

  async checkTotpCodes({ keks, items }: CheckTotpCodesRequest) {
    if (this.clock.broken) throw unavailable('The HSM is not available.');
    this.clock.checks += items.length;
    const { results } = await this.envelopes.open({ keks, items });
    return {
      results: results.map(({ status, plaintext }, index) => {
        if (status !== OpenResult_Status.OPENED || !plaintext) return { status: TotpCheckResult_Status.DAMAGED };
        const now = this.clock.step();
        const step = [now + 1, now, now - 1].find((each) => codeAt(plaintext, each) === items[index]!.code);
        return step === undefined
          ? { status: TotpCheckResult_Status.WRONG }
          : { status: TotpCheckResult_Status.MATCHED, step };
      }),
    };
  }
}
