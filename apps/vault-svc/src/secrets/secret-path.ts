import { invalid } from '@oneclaw/errors';

const MAX_LENGTH = 512;
const PATH = /^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*$/;
const PREFIX = /^[A-Za-z0-9_/-]*$/;

/** 1 to 512 characters: segments of letters, digits, "_" and "-", joined by single slashes. Decoded by the gateway, exactly once. */
export function isSecretPath(path: string): boolean {
  return path.length <= MAX_LENGTH && PATH.test(path);
}

export const SECRET_PATH_RULE = `must have 1 to ${MAX_LENGTH} characters: segments of letters, digits, "_" and "-", joined by "/"`;

export function checkSecretPath(path: string): void {
  if (isSecretPath(path)) return;
  throw invalid('The secret path is not valid.', { path: SECRET_PATH_RULE });
}

/** Whether any path can begin with this text. */
export function isPathPrefix(prefix: string): boolean {
  return prefix.length <= MAX_LENGTH && PREFIX.test(prefix);
}
