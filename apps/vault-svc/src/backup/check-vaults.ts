import { createHash } from 'node:crypto';
import { query } from '@oneclaw/database';
import { isDomainError } from '@oneclaw/errors';
import type { DataSource } from 'typeorm';
import type { EnvelopesClient } from '../crypto/envelopes.client.js';
import type { ReadOpener } from '../secrets/read-opener.js';
import type { SecretRead } from '../secrets/secret-read.js';
import type { SecretReadsRepository } from '../secrets/secret-reads.repository.js';

export interface VaultsReport {
  vaults: number;
  keks: number;
  /** Secrets of which the latest version was opened: all that live, or the newest one of each vault that has any. */
  opened: number;
  /** One sentence each, with ids only. */
  faults: string[];
}

interface Vault {
  id: string;
  orgId: string;
  /** Of its newest live secret. */
  path: string | null;
}

interface Kek {
  vaultId: string;
  kekId: string;
  wrapped: Buffer;
  isCurrent: boolean;
}

const VAULTS = `
  SELECT v.id, v.org_id AS "orgId", s.path
  FROM vaults v
  LEFT JOIN LATERAL (SELECT path FROM secrets WHERE vault_id = v.id AND deleted_at IS NULL ORDER BY id DESC LIMIT 1) s ON true
  WHERE v.deleted_at IS NULL AND ($1::uuid IS NULL OR v.id > $1) ORDER BY v.id LIMIT $2`;

const KEKS = `
  SELECT vault_id AS "vaultId", id AS "kekId", wrapped, is_current AS "isCurrent"
  FROM vault_keks WHERE vault_id = ANY ($1::uuid[]) AND wrapped IS NOT NULL ORDER BY vault_id, id`;

const PATHS = `
  SELECT path FROM secrets WHERE vault_id = $1 AND deleted_at IS NULL AND path > $2 ORDER BY path LIMIT $3`;

const PAGE = 50;
/** So many of the largest values fit into one answer of the database. */
const SECRETS = 16;
/** Sealed and opened under each KEK, and its own associated data: nothing that a secret could be bound to. */
const CANARY = createHash('sha256').update('oneclaw:backup-check').digest();
const call = { requestId: 'backup-check' };

/**
 * Whether the vaults of a restored database open with the token that crypto-svc works on: each KEK unwraps, and of each vault the
 * newest live secret, or every one, opens in its place. Reads only: nothing is written, counted or revealed.
 */
export class VaultsCheck {
  private readonly report: VaultsReport = { vaults: 0, keks: 0, opened: 0, faults: [] };

  constructor(
    private readonly database: DataSource,
    private readonly envelopes: Pick<EnvelopesClient, 'seal' | 'open'>,
    private readonly secrets: SecretReadsRepository,
    private readonly opener: ReadOpener,
  ) {}

  /** Throws where it cannot be found out, as when the HSM does not answer: that is no verdict. */
  async run({ everySecret }: { everySecret: boolean }): Promise<VaultsReport> {
    let after: string | null = null;
    for (;;) {
      const page: Vault[] = await query<Vault>(this.database, VAULTS, [after, PAGE]);
      await this.checkKeks(page);
      for (const vault of page) {
        if (everySecret) await this.checkEverySecret(vault);
        else if (vault.path !== null) await this.checkSecrets(vault, [vault.path]);
      }
      this.report.vaults += page.length;
      if (page.length < PAGE) return this.report;
      after = page.at(-1)!.id;
    }
  }

  private async checkKeks(vaults: readonly Vault[]): Promise<void> {
    const keks = await query<Kek>(this.database, KEKS, [vaults.map(({ id }) => id)]);
    this.report.keks += keks.length;
    for (const { id } of vaults)
      if (!keks.some(({ vaultId, isCurrent }) => vaultId === id && isCurrent))
        this.fault(`vault ${id} has no current KEK`);
    if (keks.length === 0) return;
    const sealed = await this.envelopes.seal(
      keks.map((kek) => ({ kek, associatedData: CANARY, plaintext: CANARY })),
      call,
    );
    const sound = keks.flatMap((kek, index) => {
      const envelope = sealed[index];
      if (!envelope) this.fault(`KEK ${kek.kekId} of vault ${kek.vaultId} does not unwrap`);
      return envelope ? [{ kek, associatedData: CANARY, envelope }] : [];
    });
    if (sound.length === 0) return;
    const opened = await this.envelopes.open(sound, call);
    opened.forEach((value, index) => {
      const { kekId, vaultId } = sound[index]!.kek;
      if (!value?.equals(CANARY)) this.fault(`KEK ${kekId} of vault ${vaultId} does not open what it sealed`);
    });
  }

  private async checkEverySecret(vault: Vault): Promise<void> {
    let after = '';
    for (;;) {
      const page: { path: string }[] = await query<{ path: string }>(this.database, PATHS, [vault.id, after, SECRETS]);
      if (page.length === 0) return;
      await this.checkSecrets(
        vault,
        page.map(({ path }) => path),
      );
      after = page.at(-1)!.path;
    }
  }

  private async checkSecrets({ id: vaultId, orgId }: Vault, paths: readonly string[]): Promise<void> {
    const by = { ...call, caller: { orgId } } as SecretRead['by'];
    const reads = paths.map((path): SecretRead => ({ by, vaultId, path, requestedVersion: 0 }));
    const found = await this.secrets.find(this.database, reads);
    reads.forEach((read, index) => (read.found = found[index]!));
    const whole = reads.filter((read) => {
      if (!read.found?.version) this.fault(`secret ${read.found?.secret?.id} of vault ${vaultId} has no version`);
      return read.found?.version !== undefined;
    });
    await this.opener.open(whole, call);
    for (const read of whole) {
      if (read.error && !read.damaged && isDomainError(read.error)) throw read.error;
      const { secret, version } = read.found!;
      if (read.value) this.report.opened += 1;
      else this.fault(`version ${version!.version} of secret ${secret!.id} in vault ${vaultId} does not open`);
      read.value?.fill(0);
    }
  }

  private fault(sentence: string): void {
    this.report.faults.push(sentence);
  }
}
