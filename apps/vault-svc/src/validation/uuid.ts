import { invalid } from '@oneclaw/errors';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The id in lower case. */
export function checkUuid(id: string, field: string): string {
  if (!isUuid(id)) throw invalid('An id is not valid.', { [field]: 'must be a UUID' });
  return id.toLowerCase();
}
