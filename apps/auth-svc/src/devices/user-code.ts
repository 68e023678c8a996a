import { hash, randomInt } from 'node:crypto';

/** RFC 8628, 6.1: no vowels, so no words; no digits, so nothing looks like anything else. */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';
/** 43 bits: 20¹⁰. */
const LENGTH = 10;
const WELL_FORMED = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`);

/** What a person copies from the device: "BCDFG-HJKLM". */
export function newUserCode(): string {
  return display(Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''));
}

/** As the device shows it, from what a person typed; `undefined` for what is no code. */
export function parseUserCode(typed: string): string | undefined {
  const letters = typed.replace(/[\s\p{Pd}]/gu, '').toUpperCase();
  return WELL_FORMED.test(letters) ? display(letters) : undefined;
}

/** Under which it is kept. */
export function hashOfUserCode(userCode: string): Buffer {
  return hash('sha256', `user_code:${userCode}`, 'buffer');
}

function display(letters: string): string {
  return `${letters.slice(0, LENGTH / 2)}-${letters.slice(LENGTH / 2)}`;
}
