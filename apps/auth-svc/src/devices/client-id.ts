import { invalid } from '@oneclaw/errors';

/** RFC 6749, appendix A.1, and not empty. People read it, so nothing in it may turn the line around or hide. */
const CLIENT_ID = /^[\x20-\x7e]{1,128}$/;

/** How the client calls itself. */
export function parseClientId(given: string): string {
  const clientId = given.trim();
  if (CLIENT_ID.test(clientId)) return clientId;
  const message = 'must have 1 to 128 printable ASCII characters';
  throw invalid(`The request is not valid: client_id ${message}.`, { client_id: message });
}
