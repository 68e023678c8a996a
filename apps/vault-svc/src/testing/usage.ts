import { randomUUID } from 'node:crypto';
import type { ErrorDetail } from '@oneclaw/contracts/common';
import type { PutSecretItem, SecretMetadata, SecretValue, Vault } from '@oneclaw/contracts/vault';
import type pg from 'pg';
import { attestationOf, type Person, type Signer } from './people.js';
import type { Clients } from './vault-world.js';

export type Answer<T> = (T & { error?: undefined }) | { error: ErrorDetail };

const call = () => ({ requestId: randomUUID() });

export async function createVault({ vaults }: Clients, who: Person, name = 'vault'): Promise<Vault> {
  return (await vaults.createVault({ name }, who.call)).vault as Vault;
}

export type PutOptions = Partial<Omit<PutSecretItem, 'vaultId' | 'path'>>;

export interface PutWanted {
  who: Person;
  vaultId: string;
  path: string;
  value: string;
  options?: PutOptions;
}

/** Several PUTs in one batch. */
export async function putAll({ writes }: Clients, wanted: readonly PutWanted[]): Promise<Answer<SecretMetadata>[]> {
  const items = wanted.map(({ vaultId, path, value, options }, callerIndex) => ({
    callerIndex,
    vaultId,
    path,
    value: Buffer.from(value),
    ...options,
  }));
  const { results } = await writes.putSecrets({ callers: wanted.map(({ who }) => who.item), items }, call());
  return results.map(({ outcome }) => unwrap<SecretMetadata>(outcome));
}

export async function put(
  clients: Clients,
  who: Person,
  vaultId: string,
  path: string,
  value = 'value',
  options: PutOptions = {},
): Promise<Answer<SecretMetadata>> {
  const [answer] = await putAll(clients, [{ who, vaultId, path, value, options }]);
  return answer as Answer<SecretMetadata>;
}

export interface ReadAnswer extends SecretMetadata {
  text: string;
  createdBy: string;
  cmekEncrypted: boolean;
}

/** Several reads in one batch. */
export async function readAll(
  { reads }: Clients,
  items: readonly { who: Person; vaultId: string; path: string; version?: number }[],
): Promise<Answer<ReadAnswer>[]> {
  const callers = items.map(({ who }) => who.item);
  const wanted = items.map(({ vaultId, path, version }, callerIndex) => ({
    callerIndex,
    vaultId,
    path,
    version: version ?? 0,
  }));
  const { results } = await reads.readSecrets({ callers, items: wanted }, call());
  return results.map(({ outcome }) => {
    const answer = unwrap<SecretValue>(outcome);
    if (answer.error) return { error: answer.error };
    const { metadata, value, createdBy, cmekEncrypted } = answer;
    return { ...(metadata as SecretMetadata), text: value.toString('utf8'), createdBy, cmekEncrypted };
  });
}

export async function read(clients: Clients, who: Person, vaultId: string, path: string, version = 0) {
  const [answer] = await readAll(clients, [{ who, vaultId, path, version }]);
  return answer as Answer<ReadAnswer>;
}

export async function list(
  { reads }: Clients,
  who: Person,
  vaultId: string,
  { prefix = '' } = {},
): Promise<SecretMetadata[]> {
  const secrets: SecretMetadata[] = [];
  let cursor = '';
  do {
    const part = await reads.listSecrets({ vaultId, prefix, page: { cursor } }, who.call);
    secrets.push(...part.secrets);
    cursor = part.nextCursor;
  } while (cursor !== '');
  return secrets;
}

/** Secrets that nothing opens, made by one statement: for tests of what many are like. */
export async function fill(
  { owner }: { owner: pg.Pool },
  { vaultId, count, path = `'s/' || n` }: { vaultId: string; count: number; path?: string },
): Promise<void> {
  await owner.query(
    `WITH made AS (
       INSERT INTO secrets (id, org_id, vault_id, path, current_version)
       SELECT gen_random_uuid(), v.org_id, v.id, ${path}, 1 FROM vaults v, generate_series(1, $2::int) AS n WHERE v.id = $1
       RETURNING id, vault_id
     )
     INSERT INTO secret_versions (secret_id, version, type, kek_id, wrapped_dek, sealed_value, metadata, created_by)
     SELECT made.id, 1, 'generic', k.id, '', '', '{}', 'user:' || k.id FROM made JOIN vault_keks k USING (vault_id) WHERE k.is_current`,
    [vaultId, count],
  );
}

export async function remove({ writes }: Clients, who: Person, vaultId: string, path: string): Promise<void> {
  await writes.deleteSecret({ vaultId, path }, who.call);
}

export interface Grant {
  pattern?: string;
  permissions?: string[];
  conditions?: object;
  expiresAt?: Date;
}

/** A policy for somebody, made by somebody who may. */
export async function grant(
  { policies }: Clients,
  keys: Signer,
  by: Person,
  vaultId: string,
  { caller }: Person,
  { pattern = '**', permissions = ['read'], conditions = {}, expiresAt }: Grant = {},
) {
  const { policy } = await policies.createPolicy(
    {
      vaultId,
      secretPathPattern: pattern,
      principalType: caller.type,
      principalId: caller.id,
      permissions,
      conditionsJson: JSON.stringify(conditions),
      principalAttestation: attestationOf(keys, caller),
      ...(expiresAt ? { expiresAt } : {}),
    },
    by.call,
  );
  return policy!;
}

function unwrap<T>(outcome: { $case: string; value: unknown } | undefined): Answer<T> {
  return outcome?.$case === 'error'
    ? { error: outcome.value as ErrorDetail }
    : (outcome?.value as T & { error?: undefined });
}
