import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { execute, query, type Executor } from '@oneclaw/database';
import { OrgLifeRepository } from '../identity/org-life.repository.js';
import type { NewKek, Vault, VaultKek } from './vault.entity.js';
import { VaultKeksRepository } from './vault-keks.repository.js';

/** The revision is a double, exact beyond any number of changes: as a bigint, a damaged one could not be read at all. */
const COLUMNS = `
  v.id, v.org_id AS "orgId", v.name, v.description, v.created_by AS "createdBy", v.created_by_type AS "createdByType",
  v.policies_revision::float8 AS "policiesRevision", v.cmek_enabled AS "cmekEnabled", v.cmek_fingerprint AS "cmekFingerprint",
  v.created_at AS "createdAt"`;

const FIND = `SELECT ${COLUMNS} FROM vaults v WHERE v.org_id = $1 AND v.id = $2 AND v.deleted_at IS NULL`;

const FIND_MANY = `
  SELECT ${COLUMNS} FROM unnest($1::uuid[], $2::uuid[]) AS ref (org_id, id)
  JOIN vaults v ON v.org_id = ref.org_id AND v.id = ref.id WHERE v.deleted_at IS NULL`;

const FIND_SYSTEM = `
  SELECT ${COLUMNS}, k.id AS "kekId", k.wrapped FROM vaults v JOIN vault_keks k ON k.vault_id = v.id AND k.is_current
  WHERE v.org_id = $1 AND v.created_by_type = 'system' AND v.deleted_at IS NULL`;

/** UUIDv7 order is the order of creation. */
const AFTER = `v.org_id = $1 AND v.deleted_at IS NULL AND ($2::uuid IS NULL OR ((v.created_by_type = 'system'), v.id) > ($3, $2))`;
const IN_ORDER = `ORDER BY (v.created_by_type = 'system'), v.id LIMIT $4`;

const LIST = `SELECT ${COLUMNS} FROM vaults v WHERE ${AFTER} ${IN_ORDER}`;

const LIST_GRANTED = `
  SELECT ${COLUMNS} FROM vaults v
  WHERE ${AFTER} AND (cardinality($5::uuid[]) = 0 OR v.id = ANY ($5))
    AND (($6 = 'user' AND v.created_by_type = 'user' AND v.created_by = $7) OR v.id IN (
      SELECT p.vault_id FROM policies p
      WHERE p.principal_id = $7 AND p.principal_type = $6 AND (p.expires_at IS NULL OR p.expires_at > now())))
  ${IN_ORDER}`;

const INSERT = `
  INSERT INTO vaults AS v (id, org_id, name, description, created_by, created_by_type) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (org_id) WHERE created_by_type = 'system' AND deleted_at IS NULL DO NOTHING
  RETURNING ${COLUMNS}`;

/** The system's own are not counted. */
const COUNT = `SELECT count(*) AS count FROM vaults WHERE org_id = $1 AND created_by_type = 'user' AND deleted_at IS NULL`;

const MARK_DELETED = `
  UPDATE vaults SET deleted_at = now() WHERE org_id = $1 AND ($2::uuid IS NULL OR id = $2) AND deleted_at IS NULL
  RETURNING id, name`;

/** After the vaults are marked, and locked by that: a KEK that a rotation has just added is among them. */
const DESTROY_KEKS = 'UPDATE vault_keks SET wrapped = NULL, root_generation = NULL WHERE vault_id = ANY ($1::uuid[])';

/** Where a page of vaults ended. */
export interface VaultPosition {
  system: boolean;
  id: string;
}

export interface VaultRef {
  orgId: string;
  id: string;
}

export interface NewVault extends Pick<Vault, 'id' | 'orgId' | 'name' | 'createdBy' | 'createdByType'> {
  description: string | null;
  kek: NewKek;
}

@Injectable()
export class VaultsRepository {
  constructor(
    private readonly orgs: OrgLifeRepository,
    private readonly keks: VaultKeksRepository,
  ) {}

  async find(executor: Executor, orgId: string, id: string): Promise<Vault | undefined> {
    const [vault] = await query<Vault>(executor, FIND, [orgId, id], { prepare: 'vault-find' });
    return vault;
  }

  /** By id; those that are not there are left out. */
  async findMany(executor: Executor, refs: readonly VaultRef[]): Promise<Map<string, Vault>> {
    const columns = [refs.map((ref) => ref.orgId), refs.map((ref) => ref.id)];
    const vaults = await query<Vault>(executor, FIND_MANY, columns, { prepare: 'vault-find-many' });
    return new Map(vaults.map((vault) => [vault.id, vault]));
  }

  async findSystem(executor: Executor, orgId: string): Promise<(Vault & VaultKek) | undefined> {
    const [vault] = await query<Vault & VaultKek>(executor, FIND_SYSTEM, [orgId]);
    return vault;
  }

  /** Oldest first, the system's last. */
  async list(executor: Executor, orgId: string, after: VaultPosition | undefined, limit?: number): Promise<Vault[]> {
    return await query<Vault>(executor, LIST, [orgId, ...afterValues(after), limit ?? null]);
  }

  /** As `list`, of what the caller created, or has an unexpired policy in, within its binding. */
  async listGranted(
    executor: Executor,
    caller: Caller,
    after: VaultPosition | undefined,
    limit?: number,
  ): Promise<Vault[]> {
    const values = [caller.orgId, ...afterValues(after), limit ?? null, caller.vaultIds, caller.type, caller.id];
    return await query<Vault>(executor, LIST_GRANTED, values);
  }

  /**
   * Undefined where the org has a system vault already. Needs a transaction. Throws where the org is deleted, or held empty
   * (OrgLifeRepository.admit).
   */
  async insert(executor: Executor, vault: NewVault): Promise<Vault | undefined> {
    const { id, orgId, name, description, createdBy, createdByType, kek } = vault;
    await this.orgs.admit(executor, orgId);
    const values = [id, orgId, name, description, createdBy, createdByType];
    const [inserted] = await query<Vault>(executor, INSERT, values);
    if (inserted) await this.keks.insert(executor, id, kek);
    return inserted;
  }

  /** Live ones that people made. */
  async count(executor: Executor, orgId: string): Promise<number> {
    const [found] = await query<{ count: number }>(executor, COUNT, [orgId]);
    return found!.count;
  }

  /** As `count`, and nobody else who counts so makes another before the end of the transaction. */
  async countAlone(executor: Executor, orgId: string): Promise<number> {
    await query(executor, `SELECT pg_advisory_xact_lock(hashtextextended('vaults:' || $1, 0))`, [orgId]);
    return this.count(executor, orgId);
  }

  /** Marks it deleted and destroys its wrapped KEKs. Needs a transaction. False where there is no such live vault. */
  async destroy(executor: Executor, orgId: string, id: string): Promise<boolean> {
    return (await this.destroyVaults(executor, orgId, id)).length === 1;
  }

  /** As `destroy`, every vault of an org. Answers those that it destroyed. */
  async destroyAll(executor: Executor, orgId: string): Promise<Pick<Vault, 'id' | 'name'>[]> {
    return await this.destroyVaults(executor, orgId, null);
  }

  private async destroyVaults(executor: Executor, orgId: string, vaultId: string | null) {
    const destroyed = await query<Pick<Vault, 'id' | 'name'>>(executor, MARK_DELETED, [orgId, vaultId]);
    await execute(executor, DESTROY_KEKS, [destroyed.map(({ id }) => id)]);
    return destroyed;
  }
}

function afterValues(after: VaultPosition | undefined): [string | null, boolean | null] {
  return [after?.id ?? null, after?.system ?? null];
}
