import { createHmac } from 'node:crypto';
import type { Api } from './client.js';
import type { Login, MfaSetup } from './types.js';
import { newOwner, type Owner } from './world.js';

const STEP_MS = 30_000;
/** A step that ends sooner than this might have ended when its code arrives. */
const MARGIN_MS = 5000;

/** An authenticator app (RFC 6238), as the server knows it by its secret. */
export class Authenticator {
  private last = 0;

  /** The secret itself. */
  readonly bytes: Buffer;

  /** @param secret base32 */
  constructor(secret: string) {
    this.bytes = bytesOf(secret);
  }

  /** A code that was not used yet. The server takes those of three steps, so no more than two or three can be had at once. */
  next(): string {
    const now = Math.floor(Date.now() / STEP_MS);
    const oldest = Date.now() % STEP_MS > STEP_MS - MARGIN_MS ? now : now - 1;
    this.last = Math.max(oldest, this.last + 1);
    if (this.last > now + 1) throw new Error('All codes that the server accepts now have been used.');
    return this.codeAt(this.last);
  }

  /** The code that was used last. */
  used(): string {
    return this.codeAt(this.last);
  }

  /** Six digits that are none of its codes around now. */
  wrong(): string {
    const now = Math.floor(Date.now() / STEP_MS);
    const right = [-2, -1, 0, 1, 2, 3].map((offset) => this.codeAt(now + offset));
    return ['000000', '111111', '222222', '333333', '444444', '555555', '666666'].find(
      (code) => !right.includes(code),
    ) as string;
  }

  private codeAt(step: number): string {
    const counter = Buffer.alloc(8);
    counter.writeUInt32BE(step, 4);
    const mac = createHmac('sha1', this.bytes).update(counter).digest();
    const number = mac.readUInt32BE((mac[19] ?? 0) & 15) & 0x7fff_ffff;
    return String(number % 1_000_000).padStart(6, '0');
  }
}

function bytesOf(base32: string): Buffer {
  const bits = [...base32]
    .map((digit) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(digit).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}

export interface OwnerWithMfa extends Owner {
  authenticator: Authenticator;
  recoveryCodes: string[];
}

export async function newOwnerWithMfa(at?: Api): Promise<OwnerWithMfa> {
  const owner = await newOwner(at);
  const { secret } = (await owner.api.post('/v1/auth/mfa/setup')).as<MfaSetup>(200);
  const authenticator = new Authenticator(secret);
  const finished = await owner.api.post('/v1/auth/mfa/verify-setup', { code: authenticator.next() });
  const { recovery_codes } = finished.as<{ recovery_codes: string[] }>(200);
  return { ...owner, authenticator, recoveryCodes: recovery_codes };
}

/** The challenge that the password leads to. */
export async function challengeOf({ api, email, password }: Owner): Promise<string> {
  const login = (await api.as(undefined).post('/v1/auth/token', { email, password })).as<Login>(200);
  if (!login.mfa_token) throw new Error('MFA is not on');
  return login.mfa_token;
}
