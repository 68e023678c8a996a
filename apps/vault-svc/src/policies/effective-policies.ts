import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { DataSource } from 'typeorm';
import { compilePolicy, type CompiledPolicy } from './engine/index.js';
import { PoliciesRepository, type PolicyOwner } from './policies.repository.js';

/** Whose policies, and the vault's revision that they must not be older than. */
export interface PolicyKey {
  caller: Pick<Caller, 'type' | 'id'>;
  vault: { id: string; policiesRevision: number };
}

interface Entry {
  revision: number;
  policies: readonly CompiledPolicy[];
}

/** Policies kept at most, over all entries; an entry without any counts as one. */
const MAX_KEPT = 100_000;

/**
 * Compiled policies of a principal in a vault. A vault's row counts the changes of its policies, and every operation reads
 * that row anyway: so a kept copy is used only while it is current, on every replica, without any invalidation to be lost.
 */
@Injectable()
export class EffectivePolicies {
  private readonly kept = new Map<string, Entry>();
  private weight = 0;

  constructor(
    private readonly database: DataSource,
    private readonly repository: PoliciesRepository,
  ) {}

  /** In the order of the keys. */
  async find(keys: readonly PolicyKey[]): Promise<(readonly CompiledPolicy[])[]> {
    const found = keys.map((key) => this.recall(key));
    const missing = new Map<string, PolicyKey>();
    keys.forEach((key, index) => found[index] ?? missing.set(nameOf(key), key));
    if (missing.size === 0) return found as (readonly CompiledPolicy[])[];
    const loaded = await this.load([...missing.values()]);
    return keys.map((key, index) => found[index] ?? (loaded.get(nameOf(key)) as readonly CompiledPolicy[]));
  }

  private recall(key: PolicyKey): readonly CompiledPolicy[] | undefined {
    const name = nameOf(key);
    const entry = this.kept.get(name);
    if (!entry || entry.revision !== key.vault.policiesRevision) return undefined;
    this.kept.delete(name);
    this.kept.set(name, entry);
    return entry.policies;
  }

  private async load(keys: readonly PolicyKey[]): Promise<Map<string, readonly CompiledPolicy[]>> {
    const rules = await this.repository.findRules(this.database, keys.map(ownerOf));
    const loaded = new Map<string, readonly CompiledPolicy[]>();
    keys.forEach((key, index) => {
      const policies = (rules[index] ?? []).map(compilePolicy).filter((policy) => policy !== undefined);
      loaded.set(nameOf(key), policies);
      this.keep(nameOf(key), { revision: key.vault.policiesRevision, policies });
    });
    return loaded;
  }

  private keep(name: string, entry: Entry): void {
    this.forget(name);
    this.kept.set(name, entry);
    this.weight += weightOf(entry);
    while (this.weight > MAX_KEPT) this.forget(this.kept.keys().next().value as string);
  }

  private forget(name: string): void {
    const entry = this.kept.get(name);
    if (!entry) return;
    this.kept.delete(name);
    this.weight -= weightOf(entry);
  }
}

function nameOf({ caller, vault }: PolicyKey): string {
  return `${vault.id} ${caller.type} ${caller.id}`;
}

function ownerOf({ caller, vault }: PolicyKey): PolicyOwner {
  return { vaultId: vault.id, principalType: caller.type, principalId: caller.id };
}

function weightOf({ policies }: Entry): number {
  return Math.max(1, policies.length);
}
