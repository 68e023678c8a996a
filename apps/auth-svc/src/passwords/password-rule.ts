import { invalid } from '@oneclaw/errors';
import type { PasswordStrength } from './password-strength.js';

const MIN_CHARACTERS = 12;
const MAX_CHARACTERS = 256;
const MIN_SCORE = 3;
const SEPARATORS = /[^\p{L}\p{N}]+/gu;

/**
 * The password rule, after NIST SP 800-63B-4: 12 to 256 characters of any kind, no composition rules, not guessable.
 * Throws invalid_argument that says why, on `field`.
 */
export async function checkNewPassword(
  password: string,
  personal: readonly string[],
  strength: PasswordStrength,
  field = 'password',
): Promise<void> {
  const refuse = (reason: string) => invalid(`The password ${reason}.`, { [field]: reason });
  const characters = [...password.normalize('NFC')].length;
  if (characters < MIN_CHARACTERS) throw refuse(`must have at least ${MIN_CHARACTERS} characters`);
  if (characters > MAX_CHARACTERS) throw refuse(`must have at most ${MAX_CHARACTERS} characters`);
  const { score, warning } = await strength.estimate(password, wordsOf(personal));
  if (score >= MIN_SCORE) return;
  throw refuse(`is too easy to guess${warning === '' ? '' : `: ${warning.replace(/\.$/, '')}`}`);
}

/** Of "ada.lovelace@example.com" also "ada.lovelace", "adalovelace", and each word in it. */
function wordsOf(texts: readonly string[]): string[] {
  const wholes = texts.flatMap((text) => [text, text.split('@')[0] as string]);
  const forms = wholes.flatMap((whole) => [whole, whole.replace(SEPARATORS, ''), ...whole.split(SEPARATORS)]);
  return [...new Set(forms.filter((form) => form.length >= 3))];
}
