import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { UsageRecord } from '@oneclaw/contracts/billing';
import { createDataSource, query, runMigrations } from '@oneclaw/database';
import { createLogger } from '@oneclaw/telemetry';
import { createTestDatabase, startTcpProxy, type TcpProxy, type TestDatabase } from '@oneclaw/testing';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { migrations } from '../migrations/index.js';
import { UsageRepository } from './usage.repository.js';
import { UsageService } from './usage.service.js';

const logger = createLogger({ service: 'test', level: 'silent' });

describe('reports of usage', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let dataSource: DataSource;
  let service: UsageService;
  let org: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    await runMigrations({ url: database.ownerUrl, name: 'billing-svc', migrations, logger });
    proxy = await startTcpProxy(database.url);
    dataSource = await createDataSource({ url: proxy.url, applicationName: 'test', logger });
    service = new UsageService(dataSource, new UsageRepository());
  });

  afterAll(async () => {
    await dataSource.destroy();
    await proxy.close();
    await database.drop();
  });

  beforeEach(() => {
    org = uuidv7();
  });

  const record = (occurredAt: string, orgId = org): UsageRecord => ({
    orgId,
    principalType: 'agent',
    principalId: uuidv7(),
    method: 'GET',
    endpoint: '/v1/vaults/{vault_id}/secrets/{path}',
    statusCode: 200,
    occurredAt: new Date(occurredAt),
  });

  const months = (orgId = org) =>
    query(dataSource, `SELECT month::text, requests FROM usage_months WHERE org_id = $1 ORDER BY month`, [orgId]);
  const events = async () =>
    (await query<{ n: number }>(dataSource, 'SELECT count(*) AS n FROM usage_events WHERE org_id = $1', [org]))[0]!.n;

  it('are counted by org and calendar month in UTC', async () => {
    const other = uuidv7();
    const times = ['2026-01-31T23:59:59.999Z', '2026-02-01T00:00:00Z', '2026-02-01T01:30:00+02:00'];
    await service.accept(uuidv7(), [...times.map((time) => record(time)), record('2026-02-02T00:00:00Z', other)]);
    expect(await months()).toEqual([
      { month: '2026-01-01', requests: 2 },
      { month: '2026-02-01', requests: 1 },
    ]);
    expect(await months(other)).toEqual([{ month: '2026-02-01', requests: 1 }]);
  });

  it('add up', async () => {
    for (let n = 0; n < 3; n += 1) await service.accept(uuidv7(), [record('2026-03-01T00:00:00Z')]);
    expect(await months()).toEqual([{ month: '2026-03-01', requests: 3 }]);
    expect(await events()).toBe(3);
  });

  it('count once, also when they come again and all at once', async () => {
    const report = uuidv7();
    const records = [record('2026-03-01T00:00:00Z'), record('2026-03-02T00:00:00Z')];
    await Promise.all(Array.from({ length: 8 }, () => service.accept(report, records)));
    await service.accept(report, records);
    expect(await months()).toEqual([{ month: '2026-03-01', requests: 2 }]);
    expect(await events()).toBe(2);
  });

  it('of the same orgs in any order do not wait for each other for ever', async () => {
    const orgs = Array.from({ length: 6 }, () => uuidv7());
    const reports = Array.from({ length: 10 }, (_, n) =>
      (n % 2 ? orgs.toReversed() : orgs).map((each) => record('2026-03-01T00:00:00Z', each)),
    );
    await Promise.all(reports.map((records) => service.accept(uuidv7(), records)));
    for (const each of orgs) expect(await months(each)).toEqual([{ month: '2026-03-01', requests: 10 }]);
  });

  it('count once when the answer to the commit was lost and they are repeated', async () => {
    const report = uuidv7();
    const records = [record('2026-03-01T00:00:00Z')];
    const repository = new UsageRepository();
    const addToMonths = repository.addToMonths.bind(repository);
    repository.addToMonths = async (manager, counted) => {
      await addToMonths(manager, counted);
      proxy.stall('answers');
    };
    await expect(new UsageService(dataSource, repository).accept(report, records)).rejects.toMatchObject({
      code: 'unavailable',
    });
    proxy.cut();
    proxy.resume();
    await service.accept(report, records).catch(() => service.accept(report, records));
    expect(await months()).toEqual([{ month: '2026-03-01', requests: 1 }]);
  });

  it.each([
    ['no UUID', 'report-1', {}],
    ['a record without an org', uuidv7(), { orgId: '' }],
    ['a record without a time', uuidv7(), { occurredAt: undefined }],
  ])('are refused whole with %s', async (_, report, change) => {
    const records = [record('2026-03-01T00:00:00Z'), { ...record('2026-03-01T00:00:00Z'), ...change }];
    await expect(service.accept(report, records)).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(await events()).toBe(0);
  });
});
