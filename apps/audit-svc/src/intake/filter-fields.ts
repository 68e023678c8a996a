/** What trails are filtered by besides the resource's id. Postgres text holds no NUL; no vault or path has one. */
export function filterFieldsOf(details: Record<string, unknown>): { vaultId: string | null; path: string | null } {
  return { vaultId: textOf(details['vault_id']), path: textOf(details['path']) };
}

/** Index entries are bounded by the page size; a path has at most 512 characters. */
const MAX_LENGTH = 600;

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.length <= MAX_LENGTH && !value.includes('\0') ? value : null;
}
