import { randomBytes } from 'node:crypto';

const PREFIX = '1ck_';
const KEY = /^1ck_[A-Za-z0-9_-]{43}$/;
/** Enough to tell keys apart in a list, far too little to guess one. */
const SHOWN_CHARACTERS = 12;

/** `1ck_` and 32 random bytes, base64url. */
export function newPersonalKey(): string {
  return PREFIX + randomBytes(32).toString('base64url');
}

export function isPersonalKey(text: string): boolean {
  return KEY.test(text);
}

/** Also of text that is no key of ours, but was meant to be one. */
export function looksPersonal(text: string): boolean {
  return text.startsWith(PREFIX);
}

export function prefixOf(key: string): string {
  return key.slice(0, SHOWN_CHARACTERS);
}
