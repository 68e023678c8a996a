import { invalid } from '@oneclaw/errors';
import { validate } from 'uuid';

/** The UUID in lower case, as the database compares it. */
export function checkUuid(value: string, field: string): string {
  if (!validate(value)) throw invalid(`${field} must be a UUID.`, { [field]: 'must be a UUID' });
  return value.toLowerCase();
}
