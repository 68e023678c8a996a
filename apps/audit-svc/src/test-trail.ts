import { createDataSource, runMigrations, transaction } from '@oneclaw/database';
import { createLogger } from '@oneclaw/telemetry';
import { createTestDatabase } from '@oneclaw/testing';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { ChainRepository } from './chain/chain.repository.js';
import { ChainService } from './chain/chain.service.js';
import type { IncomingEvent } from './chain/chained-event.js';
import { verifyChain, type ChainVerdict } from './chain/verify-chain.js';
import { migrations } from './migrations/index.js';

/** A trail in a database of its own, as the service sees it and as its owner could tamper with it. */
export class TestTrail {
  private readonly chains = new ChainRepository();
  private readonly service = new ChainService(this.chains);

  private constructor(
    readonly dataSource: DataSource,
    readonly owner: DataSource,
    readonly urls: { app: string; owner: string },
    private readonly drop: () => Promise<void>,
  ) {}

  static async create(): Promise<TestTrail> {
    const logger = createLogger({ service: 'test', level: 'silent' });
    const database = await createTestDatabase();
    await runMigrations({ url: database.ownerUrl, name: 'audit-svc', migrations, logger });
    const connect = (url: string) => createDataSource({ url, applicationName: 'test', logger, poolSize: 8 });
    const [app, owner] = await Promise.all([connect(database.url), connect(database.ownerUrl)]);
    return new TestTrail(app, owner, { app: database.url, owner: database.ownerUrl }, () => database.drop());
  }

  async dispose(): Promise<void> {
    await Promise.all([this.dataSource.destroy(), this.owner.destroy()]);
    await this.drop();
  }

  append(events: readonly IncomingEvent[]): Promise<number> {
    return transaction(this.dataSource, (manager) => this.service.append(manager, events));
  }

  verify(orgId: string): Promise<ChainVerdict> {
    return verifyChain(this.chains, this.dataSource, orgId);
  }

  read(orgId: string) {
    return this.chains.read(this.dataSource, orgId, 0, 10_000);
  }
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
