import { hash } from 'node:crypto';

/** As far as the rows of the benchmark differ: version 1, of type generic, without metadata or limits. */
export interface SeededVersion {
  orgId: string;
  vaultId: string;
  secretId: string;
  path: string;
  createdBy: string;
  createdAt: Date;
}

/** What vault-svc binds such a version to (docs/associated-data.md), so that what is seeded really opens. */
export function associatedDataOf({ orgId, vaultId, secretId, path, createdBy, createdAt }: SeededVersion): Buffer {
  const version = Buffer.of(0, 0, 0, 1);
  const created = Buffer.alloc(8);
  created.writeBigInt64BE(BigInt(createdAt.getTime()));
  const place = ['oneclaw:secret-version:v2', orgId, vaultId, secretId, path, version];
  const parts = [...place, 'generic', '{}', null, createdBy, created, null, null, null];
  return hash('sha256', Buffer.concat(parts.flatMap(withLength)), 'buffer');
}

function withLength(part: string | Buffer | null): Buffer[] {
  const length = Buffer.alloc(4);
  if (part === null) return [length.fill(0xff)];
  const bytes = Buffer.from(part);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}
