import { invalid } from '@oneclaw/errors';
import { SYSTEM_VAULT_NAME } from './vault.entity.js';

export interface VaultInput {
  name: string;
  description?: string | undefined;
}

const MAX_NAME = 128;
const MAX_DESCRIPTION = 2000;
/** Control characters have no place in a name, and Postgres stores no NUL. */
const CONTROL = /[\u0000-\u001f\u007f]/;
const NUL = /\0/;

export interface CheckedVault {
  name: string;
  description: string | null;
}

/** Throws `invalid_argument` with all fields that are wrong. */
export function checkNewVault({ name, description }: VaultInput): CheckedVault {
  const fields: Record<string, string> = {};
  const nameWrong = nameProblem(name);
  if (nameWrong) fields['name'] = nameWrong;
  if (description !== undefined && (lengthOf(description) > MAX_DESCRIPTION || NUL.test(description))) {
    fields['description'] = `must have at most ${MAX_DESCRIPTION} characters and no NUL`;
  }
  if (Object.keys(fields).length > 0) throw invalid('The vault is not valid.', fields);
  return { name, description: description || null };
}

function nameProblem(name: string): string | undefined {
  if (name.trim() === '' || lengthOf(name) > MAX_NAME) return `must have 1 to ${MAX_NAME} characters`;
  if (CONTROL.test(name)) return 'must not contain control characters';
  if (name.trim() === SYSTEM_VAULT_NAME) return 'is reserved';
  return undefined;
}

/** In code points, as a person counts. */
function lengthOf(text: string): number {
  return [...text].length;
}
