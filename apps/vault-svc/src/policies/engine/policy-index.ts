import type { CompiledPolicy } from './policy.js';

/** Policies by the whole segments that their patterns begin with, joined by "/"; "" = by none. */
interface PolicyIndex {
  byLead: ReadonlyMap<string, readonly CompiledPolicy[]>;
  /** Segments of the longest lead. */
  depth: number;
}

const indexes = new WeakMap<readonly CompiledPolicy[], PolicyIndex>();

/**
 * The policies whose patterns begin as a path does: all that can match it, and few others, however many there are.
 * @param policies a list that does not change: its index is made once and kept as long as the list.
 */
export function candidatesFor(policies: readonly CompiledPolicy[], path: readonly string[]): CompiledPolicy[] {
  const { byLead, depth } = indexOf(policies);
  const candidates = [...(byLead.get('') ?? [])];
  let lead = '';
  for (const segment of path.slice(0, depth)) {
    lead = lead === '' ? segment : `${lead}/${segment}`;
    const found = byLead.get(lead);
    if (found) candidates.push(...found);
  }
  return candidates;
}

function indexOf(policies: readonly CompiledPolicy[]): PolicyIndex {
  const known = indexes.get(policies);
  if (known) return known;
  const byLead = new Map<string, CompiledPolicy[]>();
  let depth = 0;
  for (const policy of policies) {
    const { lead } = policy.pattern;
    const key = lead.join('/');
    const same = byLead.get(key);
    if (same) same.push(policy);
    else byLead.set(key, [policy]);
    depth = Math.max(depth, lead.length);
  }
  const index = { byLead, depth };
  indexes.set(policies, index);
  return index;
}
