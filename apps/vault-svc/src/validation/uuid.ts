import { invalid } from '@oneclaw/errors';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The id in lower case. */
export function checkUuid(id: string, field: string): string {
  if (!UUID.test(id)) throw invalid('An id is not valid.', { [field]: 'must be a UUID' });
  return id.toLowerCase();
}
