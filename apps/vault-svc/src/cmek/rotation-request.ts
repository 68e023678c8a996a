import { conflict, invalid, type DomainError } from '@oneclaw/errors';
import type { CmekRotation, CmekState } from './cmek-rotation.entity.js';

/** Fingerprints of the keys that a caller has shown. */
export interface ShownKeys {
  oldFingerprint: string;
  newFingerprint: string;
}

/** What a call for a rotation comes to: a new one, one to go on with, or one that is done. */
export type Decision =
  | { kind: 'begin' }
  | { kind: 'resume'; rotation: CmekRotation }
  | { kind: 'done'; rotation: CmekRotation }
  | { kind: 'refuse'; error: DomainError };

/**
 * From the start of a rotation on the vault's key is the new one; so a call whose new key is the vault's repeats an earlier call, and
 * has to show the keys of that one.
 */
export function decide(state: CmekState, latest: CmekRotation | undefined, shown: ShownKeys): Decision {
  if (!state.enabled) return refuse(conflict('The vault is not under a key of yours. Switch CMEK on first.'));
  if (state.fingerprint !== shown.newFingerprint) return decideNew(state, latest, shown);
  if (latest?.newFingerprint !== shown.newFingerprint) {
    return refuse(
      invalid('The keys do not fit.', { new_fingerprint: 'is of the key that the vault is under already' }),
    );
  }
  if (latest.oldFingerprint !== shown.oldFingerprint) return refuse(wrongOldKey());
  return { kind: latest.status === 'completed' ? 'done' : 'resume', rotation: latest };
}

function decideNew(state: CmekState, latest: CmekRotation | undefined, shown: ShownKeys): Decision {
  if (latest?.status === 'running') {
    return refuse(conflict('The move to another key is not finished. Repeat that call, with its keys, first.'));
  }
  return state.fingerprint === shown.oldFingerprint ? { kind: 'begin' } : refuse(wrongOldKey());
}

function wrongOldKey(): DomainError {
  return invalid('The keys do not fit.', { 'x-cmek-old-key': 'is not the key that the values are under' });
}

function refuse(error: DomainError): Decision {
  return { kind: 'refuse', error };
}
