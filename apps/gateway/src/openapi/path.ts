const templates = new Map<string, string>();

/** `/v1/vaults/:vault_id/secrets/*path` → `/v1/vaults/{vault_id}/secrets/{path}`. */
export function openApiPath(path: string): string {
  const known = templates.get(path);
  if (known !== undefined) return known;
  const template = path.replace(/[:*](\w+)/g, '{$1}');
  templates.set(path, template);
  return template;
}
