import type { CreateApiKeyRequest } from '@oneclaw/contracts/auth';
import { invalid } from '@oneclaw/errors';
import type { ApiKeySettings } from './api-key.entity.js';
import { apiKeyScopeProblem } from './api-key-scope.js';

const MAX_NAME = 128;
const MAX_SCOPES = 64;
/** They travel in caller assertions, which travel in headers. */
const MAX_SCOPES_LENGTH = 2048;

/** Throws invalid_argument that names every field at fault. */
export function parseApiKeySettings(request: CreateApiKeyRequest, now = new Date()): ApiKeySettings {
  const settings = { name: request.name, scopes: [...new Set(request.scopes)], expiresAt: request.expiresAt ?? null };
  const problems = {
    name: nameProblem(settings.name),
    scopes: scopesProblem(settings.scopes),
    expires_at: settings.expiresAt && settings.expiresAt <= now ? 'must be in the future' : undefined,
  };
  const found = Object.entries(problems).filter((entry): entry is [string, string] => entry[1] !== undefined);
  if (found.length > 0) throw invalid('The API key is not valid.', Object.fromEntries(found));
  return settings;
}

function nameProblem(name: string): string | undefined {
  const valid = name.trim() !== '' && [...name].length <= MAX_NAME && !/\p{Cc}/u.test(name);
  return valid ? undefined : `must have 1 to ${MAX_NAME} characters`;
}

function scopesProblem(scopes: string[]): string | undefined {
  if (scopes.length > MAX_SCOPES) return `must have at most ${MAX_SCOPES} entries`;
  if (scopes.join('').length > MAX_SCOPES_LENGTH) return `must have at most ${MAX_SCOPES_LENGTH} characters together`;
  const index = scopes.findIndex((scope) => apiKeyScopeProblem(scope) !== undefined);
  return index < 0 ? undefined : `entry ${index} ${apiKeyScopeProblem(scopes[index] as string)}`;
}
