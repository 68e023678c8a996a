import { randomBytes, randomUUID } from 'node:crypto';
import { EnvelopeServiceDefinition } from '@oneclaw/contracts/crypto';
import { createRpcClient, RpcChannel, transportSecurity } from '@oneclaw/rpc';
import type { Stack } from '@oneclaw/stack';
import { Pool } from 'pg';
import { associatedDataOf } from './associated-data.js';

const BATCH = 1000;
const PARALLEL = 3;

/** The way past the API, for a million secrets in a minute: rows like those of vault-svc, sealed by crypto-svc. */
export class Seeder {
  private readonly crypto: RpcChannel;
  private readonly database: Pool;
  private seeded = 0;

  constructor(
    stack: Stack,
    private readonly org: { id: string; vaultId: string; ownerId: string },
  ) {
    const security = transportSecurity({ ONECLAW_PROFILE: 'local', TLS_MODE: 'plaintext' });
    const url = `127.0.0.1:${stack.service('crypto-svc').ports.main}`;
    this.crypto = new RpcChannel({ self: 'vault-svc', target: 'crypto-svc', url, security, timeoutMs: 20_000 });
    this.database = new Pool({ connectionString: stack.databaseUrl('vault-svc', 'superuser'), max: PARALLEL });
  }

  async close(): Promise<void> {
    this.crypto.close();
    await this.database.end();
  }

  /** The path of the n-th secret. */
  static path(n: number): string {
    return `team-${n % 10}/service-${n % 997}/key-${n}`;
  }

  /** Secrets of 64 characters, until there are so many. */
  async growTo(count: number): Promise<void> {
    const starts: number[] = [];
    for (let start = this.seeded; start < count; start += BATCH) starts.push(start);
    const work = async () => {
      for (let start = starts.shift(); start !== undefined; start = starts.shift())
        await this.store(start, Math.min(BATCH, count - start));
    };
    await Promise.all(Array.from({ length: PARALLEL }, work));
    this.seeded = count;
    // So that nobody does it while something is measured.
    await this.database.query('VACUUM (ANALYZE) secrets, secret_versions');
    await this.database.query('CHECKPOINT');
  }

  /** So many policies of others in the vault, or of one principal. */
  async addPolicies(count: number, principalId?: string): Promise<void> {
    await this.database.query(
      `INSERT INTO policies (id, org_id, vault_id, secret_path_pattern, principal_type, principal_id, permissions, conditions,
         created_by, created_by_type)
       SELECT gen_random_uuid(), $1, $2, 'apps/app-' || n || '/**', 'agent', coalesce($3, gen_random_uuid()), '{read}', '{}', $4, 'user'
       FROM generate_series(1, $5::int) AS n`,
      [this.org.id, this.org.vaultId, principalId ?? null, this.org.ownerId, count],
    );
    await this.database.query('UPDATE vaults SET policies_revision = policies_revision + 1 WHERE id = $1', [
      this.org.vaultId,
    ]);
  }

  private async store(start: number, count: number): Promise<void> {
    const { rows } = await this.database.query<{ kekId: string; wrapped: Buffer }>(
      `SELECT id AS "kekId", wrapped FROM vault_keks WHERE vault_id = $1 AND is_current`,
      [this.org.vaultId],
    );
    const kek = rows[0]!;
    const { id: orgId, vaultId, ownerId } = this.org;
    const createdAt = new Date();
    const common = { orgId, vaultId, createdBy: `user:${ownerId}`, createdAt };
    const secrets = Array.from({ length: count }, (_, index) => ({
      ...common,
      secretId: randomUUID(),
      path: Seeder.path(start + index),
    }));
    const items = secrets.map((secret) => ({
      kekIndex: 0,
      associatedData: associatedDataOf(secret),
      plaintext: Buffer.from(randomBytes(48).toString('base64')),
    }));
    const client = createRpcClient(EnvelopeServiceDefinition, this.crypto);
    const { results } = await client.seal({ keks: [kek], items }, { requestId: 'bench' });
    await this.database.query(
      `WITH given AS (
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::bytea[]) AS g (id, path, wrapped_dek, sealed_value)
       ), made AS (
         INSERT INTO secrets (id, org_id, vault_id, path, current_version) SELECT id, $5, $6, path, 1 FROM given
       )
       INSERT INTO secret_versions (secret_id, version, type, kek_id, wrapped_dek, sealed_value, metadata, created_by, created_at)
       SELECT id, 1, 'generic', $7, wrapped_dek, sealed_value, '{}', $8, $9 FROM given`,
      [
        secrets.map(({ secretId }) => secretId),
        secrets.map(({ path }) => path),
        results.map(({ envelope }) => envelope!.wrappedDek),
        results.map(({ envelope }) => envelope!.sealedValue),
        orgId,
        vaultId,
        kek.kekId,
        common.createdBy,
        createdAt,
      ],
    );
  }
}
