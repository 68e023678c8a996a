import type { SignatureVerdict } from './checkpoint-keys.js';
import type { UncheckedHead } from './checkpoints.repository.js';

/**
 * Why an end of a chain must not be signed: what was signed before says otherwise, so somebody changed the one or the other.
 * @param signature of the newest checkpoint, if there is one
 */
export function contradictionOf(
  { head, headStored, newest, storedHash }: UncheckedHead,
  signature: SignatureVerdict | undefined,
): string | undefined {
  if (!headStored) return 'the last event is not the one that the head names';
  if (!newest) return undefined;
  if (signature === 'forged') return 'the newest checkpoint was not signed by its key';
  if (newest.position > head.position) return 'the chain is shorter than it was';
  if (!storedHash?.equals(newest.integrityHash)) return 'the chain departs from its newest checkpoint';
  return undefined;
}
