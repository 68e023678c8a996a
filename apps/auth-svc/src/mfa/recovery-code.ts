import { randomInt } from 'node:crypto';

/** Crockford's base 32: no look-alikes, and what people take for one is read as the right one. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const GROUP = 5;
const GROUPS = 4;
const CODE = new RegExp(`^[${ALPHABET}]{${GROUP * GROUPS}}$`);

/** Four groups of five: the first says which code it is, the other three are 75 random bits. */
export function newRecoveryCode(): string {
  const group = () => Array.from({ length: GROUP }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}

export interface RecoveryCode {
  /** Under which it is found: not secret. */
  selector: string;
  /** All of it, in the form that is hashed. */
  text: string;
}

/** However it was typed; `undefined` for what is no recovery code. */
export function parseRecoveryCode(input: string): RecoveryCode | undefined {
  const text = input.toLowerCase().replace(/[\s-]/g, '').replaceAll('o', '0').replace(/[il]/g, '1');
  return CODE.test(text) ? { selector: text.slice(0, GROUP), text } : undefined;
}
