import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FaultyModule, eventually } from '@oneclaw/testing';
import { EnvelopeService, type Envelope } from '../envelope/envelope.service.js';
import { RecordedAlarm } from '../envelope/testing/recorded-alarm.js';
import type { DekToUnwrap, Kek, WrappedDek } from './hsm.port.js';
import { Pkcs11Hsm } from './pkcs11-hsm.js';
import type { PoolOptions } from './pool/pool-options.js';
import { SoftToken } from './testing/soft-token.js';

let token: SoftToken;
let device: FaultyModule;
let hsm: Pkcs11Hsm;

beforeAll(async () => {
  token = await SoftToken.withKeys();
});
afterAll(() => token.destroy());

beforeEach(() => {
  device = new FaultyModule(token.modulePath);
});
afterEach(async () => {
  device.release();
  await hsm.close();
  device.destroy();
});

function start(options: Partial<PoolOptions> = {}): void {
  const { label: tokenLabel, pin } = token;
  const limits = { workers: 1, kekCacheSize: 100, callTimeoutMs: 5000, maxQueuedJobs: 10_000 };
  hsm = new Pkcs11Hsm({ modulePath: device.path, tokenLabel, pin, ...limits, ...options });
}

async function connect(options: Partial<PoolOptions> = {}): Promise<void> {
  start(options);
  await eventually(() => expect(hsm.health()).toEqual({ status: 'ok' }));
}

async function wrapped(dek: Buffer, kek?: Kek): Promise<DekToUnwrap> {
  const item = { kek: kek ?? (await hsm.createKeks(1))[0]!, associatedData: Buffer.from('x'), dek };
  const [result] = await hsm.wrapDeks([item]);
  return { ...item, ...(result as WrappedDek) };
}

function tampered(item: DekToUnwrap): DekToUnwrap {
  const ciphertext = Buffer.from(item.ciphertext);
  ciphertext[0]! ^= 1;
  return { ...item, ciphertext };
}

const healthy = () => eventually(() => expect(hsm.health()).toEqual({ status: 'ok' }));
const macs = () => hsm.mac([Buffer.from('x')]);

describe('the PIN', () => {
  it('is tried once when it is wrong, by one worker, and the HSM is locked from then on', async () => {
    start({ pin: '0000-0000', workers: 3 });
    await expect(macs()).rejects.toMatchObject({ kind: 'locked', code: 'unavailable' });
    await expect(macs()).rejects.toMatchObject({ kind: 'locked' });
    expect(device.calls('C_Login')).toBe(1);
    expect(hsm.health()).toMatchObject({ status: 'unavailable', reason: expect.stringContaining('CKR_PIN_INCORRECT') });
  });

  it('is given once by each worker, and nobody ever logs out', async () => {
    await connect({ workers: 3 });
    expect(device.calls('C_Login')).toBe(3); // two of them are told that the process is logged in
    await hsm.close();
    expect(device.calls('C_Logout')).toBe(0);
  });
});

describe('a token', () => {
  it('that goes away makes calls fail and health say so, and is back in use without a restart', async () => {
    await connect({ workers: 2 });
    const dek = randomBytes(32);
    const item = await wrapped(dek);

    token.takeAway();
    await eventually(() => expect(hsm.health().status).toBe('unavailable'));
    await expect(hsm.unwrapDeks([item])).rejects.toMatchObject({ kind: 'unavailable', retryAfterSeconds: 1 });

    token.bringBack();
    await healthy();
    expect(await hsm.unwrapDeks([item])).toEqual([dek]);
  });

  it('that is not there yet at the start is used once it is', async () => {
    token.takeAway();
    start();
    await expect(macs()).rejects.toMatchObject({ code: 'unavailable' });
    token.bringBack();
    await healthy();
    expect(await macs()).toHaveLength(1);
  });

  it('of another label is absent', async () => {
    start({ tokenLabel: 'nobody' });
    await expect(macs()).rejects.toMatchObject({ kind: 'absent', detail: expect.stringContaining('"nobody"') });
  });
});

describe('a module', () => {
  it('that does not exist makes the HSM absent', async () => {
    start({ modulePath: '/nowhere/pkcs11.so' });
    await expect(macs()).rejects.toMatchObject({
      kind: 'absent',
      detail: expect.stringContaining('/nowhere/pkcs11.so'),
    });
  });
});

/** So that no probe meets a fault that is meant for a call. */
const withoutProbes = { probeIntervalMs: 3_600_000 };

describe('an error of a call', () => {
  it('poisons its session: the call is answered from a new one', async () => {
    await connect(withoutProbes);
    const dek = randomBytes(32);
    const item = await wrapped(dek);
    device.forgetCalls();
    device.start('fail-once', 'C_Decrypt');

    expect(await hsm.unwrapDeks([item])).toEqual([dek]);

    expect(device.calls('C_OpenSession')).toBe(1);
    expect(device.calls('C_CloseSession')).toBe(1);
    expect(device.calls('C_Login')).toBe(0);
  });

  it('for tampered data is that item’s result, and the HSM stays healthy', async () => {
    await connect(withoutProbes);
    const dek = randomBytes(32);
    const item = await wrapped(dek);
    expect(await hsm.unwrapDeks([tampered(item), item])).toEqual(['damaged', dek]);
    expect(hsm.health()).toEqual({ status: 'ok' });
    expect(device.calls('C_Finalize')).toBe(0);
  });

  it('of a broken device is never called damaged data', async () => {
    await connect();
    const item = await wrapped(randomBytes(32));
    device.start('fail', 'C_Decrypt');
    await expect(hsm.unwrapDeks([item])).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(hsm.unwrapDeks([tampered(item)])).rejects.toMatchObject({ kind: 'unavailable' });
    device.stop('fail', 'C_Decrypt');
    await healthy();
    expect(await hsm.unwrapDeks([tampered(item)])).toEqual(['damaged']);
  });

  it('of a device that fails twice in a row and then works is never called damaged data either', async () => {
    await connect(withoutProbes);
    const dek = randomBytes(32);
    const item = await wrapped(dek);
    device.start('fail-once', 'C_DecryptInit');
    device.start('fail-once', 'C_Decrypt');
    expect(await hsm.unwrapDeks([item])).toEqual([dek]);
    expect(device.hasHit('fail-once', 'C_DecryptInit')).toBe(true);
    expect(device.hasHit('fail-once', 'C_Decrypt')).toBe(true);
  });

  it('that comes back each time while the rest works makes that call unavailable, and stops nothing else', async () => {
    await connect(withoutProbes);
    device.start('fail', 'C_Sign');
    await expect(macs()).rejects.toMatchObject({
      kind: 'failing',
      code: 'unavailable',
      retryAfterSeconds: 1,
      detail: expect.stringContaining('CKR_DEVICE_ERROR'),
    });
    expect(await hsm.createKeks(1)).toHaveLength(1);
    device.stop('fail', 'C_Sign');
    expect(await macs()).toHaveLength(1);
    expect(device.calls('C_Finalize')).toBe(0);
  });
});

describe('a device that answers wrongly', () => {
  it('does not get a wrong signature out of the process', async () => {
    await connect(withoutProbes);
    const [key] = await hsm.listPublicKeys('token-signing');
    device.start('corrupt', 'C_Sign');
    const signing = hsm.sign('token-signing', key!.keyId, [Buffer.from('x')]);
    await expect(signing).rejects.toMatchObject({
      kind: 'failing',
      code: 'unavailable',
      detail: expect.stringContaining('does not verify'),
    });
  });

  it.each(['corrupt', 'corrupt-once'] as const)(
    'makes no value look damaged whose KEK is in use: %s',
    async (fault) => {
      await connect(withoutProbes);
      const alarm = new RecordedAlarm();
      const envelopes = new EnvelopeService(hsm, alarm);
      const [kek] = (await hsm.createKeks(1)) as [Kek];
      const value = { kek, associatedData: randomBytes(32), plaintext: Buffer.from('x') };
      const [envelope] = (await envelopes.sealAll([value])) as [Envelope];

      device.start(fault, 'C_Decrypt');
      const outcome = await envelopes.open([{ ...value, ...envelope }]).catch((error: { code: string }) => error.code);
      device.stop(fault, 'C_Decrypt');

      expect(outcome).toEqual(fault === 'corrupt' ? 'unavailable' : [Buffer.from('x')]);
      expect(alarm.reported).toEqual([]);
    },
  );

  it('until just now makes no DEK look damaged', async () => {
    await connect(withoutProbes);
    const dek = randomBytes(32);
    const item = await wrapped(dek);
    device.start('fail-once', 'C_DecryptInit');
    device.start('corrupt-once', 'C_Decrypt');
    expect(await hsm.unwrapDeks([item])).toEqual([dek]);
    expect(device.hasHit('corrupt-once', 'C_Decrypt')).toBe(true);
  });

  it.each(['corrupt', 'corrupt-once'] as const)('does not get a DEK taken for a proven one: %s', async (fault) => {
    await connect(withoutProbes);
    const dek = randomBytes(32);
    const item = await wrapped(dek);
    expect(await hsm.unwrapProvenDeks([item, tampered(item)])).toEqual([dek, 'damaged']);

    device.start(fault, 'C_Decrypt');
    const outcome = await hsm.unwrapProvenDeks([item]).catch((error: { code: string }) => error.code);

    expect(outcome).toEqual(fault === 'corrupt' ? 'unavailable' : [dek]);
    device.stop(fault, 'C_Decrypt');
    await healthy();
    expect(await hsm.unwrapProvenDeks([item])).toEqual([dek]);
  });

  it.each(['corrupt', 'corrupt-once'] as const)('makes no KEK that nothing can be opened with: %s', async (fault) => {
    await connect(withoutProbes);
    device.start(fault, 'C_Encrypt');
    const outcome = await hsm.createKeks(1).catch((error: { code: string }) => error.code);
    device.stop(fault, 'C_Encrypt');
    await healthy();
    if (fault === 'corrupt') expect(outcome).toBe('unavailable');
    else {
      const dek = randomBytes(32);
      expect(await hsm.unwrapDeks([await wrapped(dek, (outcome as Kek[])[0])])).toEqual([dek]);
    }
  });

  it('is noticed by the probe', async () => {
    await connect();
    device.start('corrupt', 'C_Encrypt');
    await eventually(() => expect(hsm.health().status).toBe('unavailable'));
    device.stop('corrupt', 'C_Encrypt');
    await healthy();
  });
});

describe('a worker that hangs inside the module', () => {
  it('fails its own call after the deadline, while the other worker goes on, and comes back into use', async () => {
    await connect({ ...withoutProbes, workers: 2, callTimeoutMs: 300 });
    device.start('hang-once', 'C_Sign');

    await expect(macs()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(hsm.health()).toEqual({ status: 'degraded', reason: '1 of 2 HSM workers answer.' });
    for (let call = 0; call < 20; call++) expect(await macs()).toHaveLength(1);
    expect(device.calls('C_Finalize')).toBe(0);

    device.release();
    await healthy();
  });

  it('as all do: calls fail at once, health answers, and the late answers hurt nobody', async () => {
    await connect({ workers: 2, callTimeoutMs: 300 });
    const deks = [randomBytes(32), randomBytes(32)];
    const items = [await wrapped(deks[0]!), await wrapped(deks[1]!)];
    device.start('hang', 'C_Decrypt');

    const stuck = await Promise.allSettled(items.map((item) => hsm.unwrapDeks([item])));
    expect(stuck.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await eventually(() => expect(hsm.health().status).toBe('unavailable'));
    const startedAt = performance.now();
    await expect(hsm.unwrapDeks(items)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(performance.now() - startedAt).toBeLessThan(100);

    device.stop('hang', 'C_Decrypt');
    await healthy();
    expect(await hsm.unwrapDeks(items)).toEqual(deks);
  });
});

describe('unwrapped KEKs', () => {
  it('are kept up to a number; the least recently used is destroyed and unwrapped again on use', async () => {
    await connect({ ...withoutProbes, kekCacheSize: 2 });
    const [a, b, c] = await hsm.createKeks(3);
    const use = async (kek: Kek) =>
      expect(await hsm.wrapDeks([{ kek, associatedData: Buffer.from('x'), dek: randomBytes(32) }])).not.toContain(
        'damaged',
      );
    const unwraps = async (kek: Kek) => {
      const before = device.calls('C_UnwrapKey');
      await use(kek);
      return device.calls('C_UnwrapKey') - before;
    };
    await use(a!);
    await use(b!);
    expect(await unwraps(a!)).toBe(0);
    expect(await unwraps(c!)).toBe(1); // b goes
    expect(await unwraps(a!)).toBe(0);
    expect(await unwraps(b!)).toBe(1); // c goes
    expect(await unwraps(c!)).toBe(1); // a goes
    expect(await unwraps(b!)).toBe(0);
  });
});
