import { z } from 'zod';

export const MAX_PATH_LENGTH = 512;

const SEGMENTS = /^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*$/;

/** A path after its one percent-decoding. What is left of an escape, a dot or a doubled slash is refused, never cleaned up. */
export const secretPath = z
  .string()
  .max(MAX_PATH_LENGTH)
  .regex(SEGMENTS, 'must be segments of letters, digits, _ and -, joined by single slashes')
  .meta({
    schema: { type: 'string', pattern: SEGMENTS.source, minLength: 1, maxLength: MAX_PATH_LENGTH },
    description: 'Segments joined by `/`; escaping the slashes as `%2F` means the same.',
    examples: ['api-keys/openai'],
  });
