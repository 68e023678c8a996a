import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AuditQueryServiceDefinition } from '@oneclaw/contracts/audit';
import { loadConfig } from '@oneclaw/config';
import { createDataSource } from '@oneclaw/database';
import { NatsLink, OutboxRelay, appendEvents, auditEvent, outboxUp } from '@oneclaw/events';
import { RpcChannel, createRpcClient, transportSecurity, type Service } from '@oneclaw/rpc';
import { createLogger } from '@oneclaw/telemetry';
import { createTestDatabase, eventually, startNats, type TestDatabase, type TestNats } from '@oneclaw/testing';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { createApp } from './app.js';
import { configFields, type AuditConfig } from './config.js';
import { TestTrail } from './test-trail.js';

const logger = createLogger({ service: 'test', level: 'silent' });

describe('audit-svc', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oneclaw-audit-'));
  const running: Service[] = [];
  let trail: TestTrail;
  let nats: TestNats;
  let config: AuditConfig;
  let producerDatabase: TestDatabase;
  let producer: DataSource;
  let link: NatsLink;
  let relay: OutboxRelay;
  let org: string;

  beforeAll(async () => {
    trail = await TestTrail.create();
    nats = await startNats();
    config = loadConfig(configFields, {
      ONECLAW_PROFILE: 'local',
      LOG_LEVEL: 'silent',
      TLS_MODE: 'plaintext',
      ADMIN_LISTEN: '127.0.0.1:0',
      GRPC_LISTEN: '127.0.0.1:0',
      CRYPTO_SVC_URL: '127.0.0.1:1',
      DATABASE_URL_FILE: secret('database-url', trail.urls.app),
      NATS_URL_FILE: secret('nats-url', nats.url),
    });
    producerDatabase = await createTestDatabase();
    producer = await createDataSource({ url: producerDatabase.ownerUrl, applicationName: 'test', logger });
    const runner = producer.createQueryRunner();
    await outboxUp(runner);
    await runner.release();
    link = new NatsLink({ url: nats.url, name: 'vault-svc', logger });
    relay = new OutboxRelay({ producer: 'vault-svc', dataSource: producer, nats: link, logger, settlingMs: 1000 });
    relay.start();
  });

  afterAll(async () => {
    await relay.stop();
    await link.close();
    await producer.destroy();
    await producerDatabase.drop();
    await nats.dispose();
    await trail.dispose();
    rmSync(folder, { recursive: true });
  });

  beforeEach(() => {
    org = uuidv7();
  });

  afterEach(() => Promise.all(running.splice(0).map((service) => service.close())));

  function secret(name: string, content: string): string {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  }

  async function start(): Promise<Service> {
    const service = await createApp(config);
    running.push(service);
    return service;
  }

  async function stop(service: Service): Promise<void> {
    running.splice(running.indexOf(service), 1);
    await service.close();
  }

  async function happen(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) {
      const event = auditEvent({
        orgId: org,
        actorType: 'agent',
        actorId: 'a-1',
        action: 'secret.read',
        resourceType: 'secret',
        details: { n },
      });
      await appendEvents(producer.manager, [event]);
      ids.push(event.id);
    }
    return ids;
  }

  async function expectTrail(ids: string[]): Promise<void> {
    await eventually(async () => expect(await trail.read(org)).toHaveLength(ids.length), 30_000);
    expect((await trail.read(org)).map((event) => event.id).sort()).toEqual([...ids].sort());
    expect(await trail.verify(org)).toEqual({ valid: true, eventsChecked: ids.length });
  }

  it('puts what happens elsewhere into the chain of its org', async () => {
    await start();
    await expectTrail(await happen(50));
    await eventually(async () => expect(await relay.lagSeconds('audit')).toBe(0));
  });

  it('takes every event exactly once when it is stopped, doubled and restarted under load', async () => {
    let service = await start();
    const ids = await happen(200);
    const second = await start();
    ids.push(...(await happen(200)));
    await stop(service);
    ids.push(...(await happen(200)));
    service = await start();
    await stop(second);
    ids.push(...(await happen(200)));
    await stop(service);
    ids.push(...(await happen(200)));
    await start();
    await expectTrail(ids);
  });

  it('takes every event exactly once when NATS dies under load and loses its store', async () => {
    await start();
    const ids = await happen(200);
    await nats.kill();
    await nats.wipe();
    ids.push(...(await happen(200)));
    await nats.start();
    ids.push(...(await happen(200)));
    await expectTrail(ids);
  });

  it('says how far the trail is behind, and is ready', async () => {
    const service = await start();
    await expectTrail(await happen(10));
    const report = (await (await fetch(`http://127.0.0.1:${service.adminPort}/readyz`)).json()) as Record<
      string,
      unknown
    >;
    expect(report).toMatchObject({
      ready: true,
      checks: { postgres: 'ok' },
      details: { trail_lag_seconds: expect.any(Number) },
    });
  });

  it('lists nothing for nobody', async () => {
    const service = await start();
    const channel = new RpcChannel({
      self: 'gateway',
      target: 'audit-svc',
      url: `127.0.0.1:${service.grpcPort}`,
      security: transportSecurity(config),
    });
    const client = createRpcClient(AuditQueryServiceDefinition, channel);
    const listing = client.listEvents({ page: { limit: 10 } }, { requestId: 'r-1' });
    await expect(listing).rejects.toMatchObject({ code: 'unauthenticated' });
    channel.close();
  });
});
