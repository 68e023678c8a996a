import { randomBytes } from 'node:crypto';

const PREFIX = 'ocv_';
const KEY = /^ocv_[A-Za-z0-9_-]{43}$/;
/** Enough to tell keys apart in a list, far too little to guess one. */
const SHOWN_CHARACTERS = 12;

/** `ocv_` and 32 random bytes, base64url. */
export function newAgentKey(): string {
  return PREFIX + randomBytes(32).toString('base64url');
}

export function isAgentKey(text: string): boolean {
  return KEY.test(text);
}

export function prefixOf(key: string): string {
  return key.slice(0, SHOWN_CHARACTERS);
}
