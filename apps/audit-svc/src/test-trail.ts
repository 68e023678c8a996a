import { createHash, generateKeyPairSync, sign, type JsonWebKey } from 'node:crypto';
import { VerificationKeys } from '@oneclaw/caller';
import { createDataSource, execute, runMigrations, transaction } from '@oneclaw/database';
import { createLogger, Metrics } from '@oneclaw/telemetry';
import { createTestDatabase } from '@oneclaw/testing';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { extendChain } from './chain/chain.js';
import { ChainRepository } from './chain/chain.repository.js';
import { ChainService } from './chain/chain.service.js';
import type { ChainHead, IncomingEvent } from './chain/chained-event.js';
import { GENESIS_HASH } from './chain/event-hash.js';
import { ChainVerifier, type ChainVerdict } from './chain/verify-chain.js';
import { CheckpointKeys } from './checkpoints/checkpoint-keys.js';
import { CheckpointMetrics } from './checkpoints/checkpoint-metrics.js';
import { CheckpointsRepository } from './checkpoints/checkpoints.repository.js';
import { CheckpointsService, type CheckpointSigner } from './checkpoints/checkpoints.service.js';
import { migrations } from './migrations/index.js';

const logger = createLogger({ service: 'test', level: 'silent' });

/** Signs as the HSM does, with a key of its own: see crypto-svc's `signing/checkpoints.service.ts`. */
export class SoftwareSigner implements CheckpointSigner {
  readonly keyId: string;
  readonly publicKey: Buffer;
  readonly jwk: JsonWebKey;
  /** How often it was asked. */
  calls = 0;
  private readonly pair = generateKeyPairSync('ed25519');

  constructor() {
    const { crv, kty, x } = this.pair.publicKey.export({ format: 'jwk' });
    this.jwk = { crv, kty, x };
    this.keyId = createHash('sha256').update(JSON.stringify(this.jwk)).digest('base64url');
    this.publicKey = Buffer.from(x!, 'base64url');
  }

  async signCheckpoints({ checkpoints = [] }: { checkpoints?: Buffer[] }) {
    this.calls += 1;
    const messages = checkpoints.map((each) => Buffer.concat([Buffer.from('oneclaw-checkpoint-v1\0'), each]));
    return { keyId: this.keyId, signatures: messages.map((message) => sign(null, message, this.pair.privateKey)) };
  }
}

/** A trail in a database of its own, as the service sees it and as its owner could tamper with it. */
export class TestTrail {
  readonly chains = new ChainRepository();
  readonly service = new ChainService(this.chains);
  readonly checkpointsRepository = new CheckpointsRepository();
  readonly keys: CheckpointKeys;
  private readonly metrics = new CheckpointMetrics(new Metrics('test'));
  readonly checkpoints: CheckpointsService;
  readonly verifier: ChainVerifier;

  private constructor(
    readonly dataSource: DataSource,
    readonly owner: DataSource,
    readonly urls: { app: string; owner: string },
    readonly signer: SoftwareSigner,
    others: readonly SoftwareSigner[],
    private readonly drop: () => Promise<void>,
  ) {
    this.keys = keysOf(signer, ...others);
    this.checkpoints = this.replica(dataSource);
    this.verifier = new ChainVerifier(this.chains, this.checkpointsRepository, this.keys);
  }

  /** @param signers whose signatures count; the first one's checkpoints are those of `checkpoints` */
  static async create(signer = new SoftwareSigner(), ...others: SoftwareSigner[]): Promise<TestTrail> {
    const database = await createTestDatabase();
    await runMigrations({ url: database.ownerUrl, name: 'audit-svc', migrations, logger });
    const connect = (url: string) => createDataSource({ url, applicationName: 'test', logger, poolSize: 8 });
    const [app, owner] = await Promise.all([connect(database.url), connect(database.ownerUrl)]);
    const urls = { app: database.url, owner: database.ownerUrl };
    return new TestTrail(app, owner, urls, signer, others, () => database.drop());
  }

  async dispose(): Promise<void> {
    await Promise.all([this.dataSource.destroy(), this.owner.destroy()]);
    await this.drop();
  }

  append(events: readonly IncomingEvent[]): Promise<number> {
    return transaction(this.dataSource, (manager) => this.service.append(manager, events));
  }

  /** Of the signing of checkpoints, as another replica of the service would do it. */
  replica(dataSource: DataSource, signer: CheckpointSigner = this.signer): CheckpointsService {
    return new CheckpointsService(dataSource, this.checkpointsRepository, this.keys, signer, this.metrics, logger);
  }

  /** How often a replica refused to sign, and told. */
  async contradictions(): Promise<number> {
    return (await this.metrics.contradictions.get()).values[0]!.value;
  }

  /** @param pages how many thousand events each stretch of it covers */
  async verify(orgId: string, pages = 10): Promise<ChainVerdict> {
    let progress = await this.verifier.begin(this.dataSource, orgId);
    for (;;) {
      const next = await this.verifier.goOn(this.dataSource, progress, pages);
      if (next.verdict) return next.verdict;
      progress = next.progress;
    }
  }

  /** What somebody does who has the database and knows the format: all hashes anew, the head too, from whatever rows there are. */
  async recompute(orgId: string): Promise<void> {
    let end: ChainHead = { orgId, position: 0, eventId: null, integrityHash: GENESIS_HASH };
    for (const event of await this.read(orgId)) {
      const { events, head } = extendChain(end, [event]);
      const { integrityHash, prevEventId } = events[0]!;
      const values = [orgId, event.position, head.position, prevEventId, integrityHash];
      await execute(
        this.owner,
        'UPDATE events SET position = $3, prev_event_id = $4, integrity_hash = $5 WHERE org_id = $1 AND position = $2',
        values,
      );
      end = head;
    }
    const head = [orgId, end.position, end.eventId, end.integrityHash];
    await execute(
      this.owner,
      'UPDATE chain_heads SET position = $2, event_id = $3, integrity_hash = $4 WHERE org_id = $1',
      head,
    );
  }

  read(orgId: string) {
    return this.chains.read(this.dataSource, orgId, 0, 10_000);
  }
}

export function keysOf(...signers: SoftwareSigner[]): CheckpointKeys {
  const keys = signers.map(({ keyId: kid, publicKey }) => ({ kid, publicKey }));
  return new CheckpointKeys(new VerificationKeys(async () => keys));
}

let clock = Date.UTC(2026, 0, 1);

/** An event a millisecond after the one before. */
export function someEvent(orgId: string, change: Partial<IncomingEvent> = {}): IncomingEvent {
  clock += 1;
  return {
    id: uuidv7(),
    orgId,
    actorType: 'user',
    actorId: 'u-1',
    action: 'secret.read',
    resourceType: 'secret',
    resourceId: 's-1',
    details: '{}',
    vaultId: null,
    path: null,
    ipAddress: '192.0.2.7',
    requestId: 'r-1',
    createdAtMicros: clock * 1000,
    ...change,
  };
}
