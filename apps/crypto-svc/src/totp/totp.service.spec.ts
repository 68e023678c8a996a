import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createLogger, Metrics } from '@oneclaw/telemetry';
import { DamageAlarm } from '../envelope/damage-alarm.js';
import { EnvelopeService } from '../envelope/envelope.service.js';
import { SoftwareHsm } from '../hsm/testing/software-hsm.js';
import { codeAt, stepAt } from './totp.js';
import { TotpService } from './totp.service.js';

const hsm = new SoftwareHsm();
const alarm = new DamageAlarm(createLogger({ service: 'test', level: 'silent' }), new Metrics('crypto-svc'));
const totp = new TotpService(new EnvelopeService(hsm, alarm));
const now = () => 1_234_567_890_000;

async function enrolled() {
  const [kek] = await hsm.createKeks(1);
  const associatedData = randomBytes(32);
  const [made] = await totp.generate(kek!, [associatedData]);
  const sealed = { kek: kek!, associatedData, ...made!.envelope };
  return { secret: made!.secret, sealed };
}

describe('a secret of one-time codes', () => {
  it('has 160 bits of its own, and is not to be seen in its envelope', async () => {
    const [one, two] = [await enrolled(), await enrolled()];
    expect(one.secret).toHaveLength(20);
    expect(one.secret).not.toEqual(two.secret);
    expect(one.sealed.sealedValue.includes(one.secret)).toBe(false);
  });

  it('tells the step of a code, and wrong codes from damaged envelopes', async () => {
    const { secret, sealed } = await enrolled();
    const step = stepAt(now());
    const code = codeAt(secret, step - 1);
    const others = [step - 1, step, step + 1].map((each) => codeAt(secret, each));
    const wrong = ['000000', '000001', '000002', '000003'].find((each) => !others.includes(each))!;
    const elsewhere = { ...sealed, associatedData: randomBytes(32) };
    const results = await totp.check(
      [
        { ...sealed, code },
        { ...sealed, code: wrong },
        { ...elsewhere, code },
      ],
      now,
    );
    expect(results).toEqual([{ step: step - 1 }, 'wrong', 'damaged']);
  });

  it('is neither made nor checked in batches of none or too many', async () => {
    const [kek] = await hsm.createKeks(1);
    const many = Array.from({ length: 101 }, () => randomBytes(32));
    await expect(totp.generate(kek!, [])).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(totp.generate(kek!, many)).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(totp.check([])).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});
