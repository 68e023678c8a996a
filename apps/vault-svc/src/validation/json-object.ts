const MAX_BYTES = 16 * 1024;

/** What is wrong with the text of a JSON object; undefined = nothing. */
export function jsonObjectProblem(text: string): string | undefined {
  if (Buffer.byteLength(text) > MAX_BYTES) return `must not exceed ${MAX_BYTES / 1024} KiB`;
  return isObject(parse(text)) ? undefined : 'must be a JSON object';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
