import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NatsLink, OutboxRelay, appendEvents, mailEvent, outboxUp } from '@oneclaw/events';
import { createDataSource, transaction } from '@oneclaw/database';
import { createLogger } from '@oneclaw/telemetry';
import { createTestDatabase, eventually, startNats, type TestNats } from '@oneclaw/testing';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import type { AuthConfig } from '../config.js';
import { type AuthWorld, PUBLIC_URL, startAuthWorld } from '../testing/auth-world.js';
import { FakeSmtp } from '../testing/fake-smtp.js';
import { anonymous } from '../testing/people.js';
import type { Mail } from './mail-kinds.js';
import { MailOutbox } from './mail-outbox.js';
import { Smtp } from './smtp.js';

const logger = createLogger({ service: 'test', level: 'silent' });
const API_KEY = 'ocv_planted-key-in-a-mail';

let nats: TestNats;
let smtp: FakeSmtp;
let world: AuthWorld;

beforeAll(async () => {
  nats = await startNats();
});
afterAll(() => nats.dispose());
beforeEach(async () => {
  smtp = await FakeSmtp.start();
  world = await startAuthWorld({ natsUrl: nats.url, SMTP_URL: smtp.url });
});
afterEach(async () => {
  await world.close();
  await smtp.close();
  await nats.kill();
  await nats.wipe();
  await nats.start();
});

const address = () => `${randomUUID()}@example.com`;

const enrolled = (to: string): Mail => ({
  kind: 'agent_enrolled',
  to,
  params: { agent_id: randomUUID(), name: 'a <b>bold</b> agent', description: '' },
  secretParams: { api_key: API_KEY },
});

const changed = (to: string): Mail => ({
  kind: 'password_changed',
  to,
  params: { changed_at: '2026-03-01T12:30:00Z', ip_address: '192.0.2.7' },
});

/** Commits the mails, unless `work` throws. */
async function enqueue(mails: readonly Mail[], work = async () => undefined as unknown): Promise<void> {
  const outbox = world.service.get(MailOutbox);
  const prepared = await Promise.all(mails.map((mail) => outbox.prepare(mail, anonymous())));
  await transaction(world.service.get(DataSource), async (manager) => {
    await outbox.enqueue(manager, ...prepared);
    await work();
  });
}

async function rows() {
  const { rows } = await world.owner.query<{
    state: string;
    payload: Buffer | null;
    attempts: number;
    last_error: string;
  }>('SELECT state, payload, attempts, last_error FROM mails ORDER BY created_at');
  return rows;
}

async function dueNow(): Promise<void> {
  await world.owner.query(`UPDATE mails SET next_attempt_at = now() WHERE state = 'waiting'`);
}

async function sent(to: string): Promise<string> {
  return eventually(() => {
    expect(smtp.mailsTo(to)).toHaveLength(1);
    return smtp.mailsTo(to)[0]!.source;
  });
}

describe('a mail', () => {
  it('is sent as text and HTML, with what people chose escaped, and is then gone from the database', async () => {
    const to = address();
    await enqueue([enrolled(to)]);
    const source = await sent(to);
    expect(source).toContain('Subject: An agent asks to work for you');
    expect(source).toContain(`API key: ${API_KEY}`);
    expect(source).toContain('a <b>bold</b> agent\n');
    expect(source).toContain('a &lt;b&gt;bold&lt;/b&gt; agent</dd>');
    await eventually(async () =>
      expect(await rows()).toEqual([expect.objectContaining({ state: 'sent', payload: null })]),
    );
  });

  it('is not sent when the transaction rolls back', async () => {
    const [lost, kept] = [address(), address()];
    await enqueue([changed(lost)], () => Promise.reject(new Error('rolled back'))).catch(() => undefined);
    await enqueue([changed(kept)]);
    await sent(kept);
    expect(smtp.mailsTo(lost)).toEqual([]);
    expect(await rows()).toHaveLength(1);
  });

  it('holds its secrets sealed wherever it waits', async () => {
    smtp.treatments.set('busy@example.com', 'busy');
    await enqueue([enrolled('busy@example.com')]);
    await eventually(async () => expect((await rows())[0]?.attempts).toBeGreaterThan(0));
    const dumps = await Promise.all(
      ['outbox', 'outbox_batch', 'mails', 'sealing_keks'].map((table) =>
        world.owner.query<{ row: string }>(`SELECT row_to_json(t)::text AS row FROM ${table} t`),
      ),
    );
    const needle = Buffer.from(API_KEY).toString('hex');
    expect(JSON.stringify(dumps.map(({ rows: each }) => each))).not.toContain(needle);
    expect((await rows())[0]!.payload!.includes(API_KEY)).toBe(false);
  });

  it('is sent once, though its event comes again and two replicas listen', async () => {
    await world.startReplica();
    const to = address();
    const prepared = await world.service.get(MailOutbox).prepare(changed(to), anonymous());
    const again = await foreignProducer();
    await appendEvents(again.dataSource.manager, [prepared.event]);
    await transaction(world.service.get(DataSource), (manager) =>
      world.service.get(MailOutbox).enqueue(manager, prepared),
    );
    await sent(to);
    await eventually(async () => expect(await unconfirmed(again.dataSource)).toBe(0));
    await eventually(async () => expect(await unconfirmed(world.service.get(DataSource))).toBe(0));
    expect(smtp.mailsTo(to)).toHaveLength(1);
    await again.close();
  });

  it('of a kind that nobody knows becomes a dead letter and holds up nothing', async () => {
    const to = address();
    await appendEvents(world.service.get(DataSource).manager, [
      mailEvent({ kind: 'greeting_card', to: 'x@example.com', params: {} }),
      mailEvent({ kind: 'password_changed', to: 'y@example.com', params: { changed_at: 'now' } }),
    ]);
    await enqueue([changed(to)]);
    await sent(to);
    const { rows: letters } = await world.owner.query<{ reason: string }>(
      'SELECT reason FROM dead_letter ORDER BY reason',
    );
    expect(letters.map(({ reason }) => reason)).toEqual([
      'the mail lacks ip_address',
      'there is no mail of kind greeting_card',
    ]);
  });
});

describe('a mail server', () => {
  it('that was away gets everything when it is back', async () => {
    const url = smtp.url;
    await smtp.close();
    const to = address();
    await enqueue([changed(to)]);
    await eventually(async () => expect((await rows())[0]?.attempts).toBeGreaterThan(0));
    smtp = await FakeSmtp.start(Number(url.port));
    await dueNow();
    await sent(to);
  });

  it('that keeps some mails hanging and is too busy for others still gets the rest', async () => {
    smtp.treatments.set('hanging@example.com', 'hangs').set('busy@example.com', 'busy');
    const to = address();
    await enqueue([changed('hanging@example.com'), changed('busy@example.com')]);
    await eventually(() => expect(smtp.recipientsSeen).toContain('hanging@example.com'));
    await enqueue([changed(to)]);
    await sent(to);
    smtp.treatments.delete('busy@example.com');
    await dueNow();
    await sent('busy@example.com');
  });

  it('that knows no such address is not asked again', async () => {
    smtp.treatments.set('nobody@example.com', 'unknown');
    await enqueue([changed('nobody@example.com')]);
    await eventually(async () =>
      expect(await rows()).toEqual([
        { state: 'undeliverable', payload: null, attempts: 1, last_error: 'EENVELOPE RCPT TO 550' },
      ]),
    );
  });

  it('that offers no TLS gets nothing outside the local profile', async () => {
    const settings = { PUBLIC_URL, MAIL_FROM_NAME: 'OneClaw', SMTP_URL: smtp.url };
    const mail = { id: randomUUID(), kind: 'welcome', to: address(), subject: 's', text: API_KEY, html: '' } as const;
    const send = (profile: 'local' | 'production') =>
      new Smtp({ ...settings, ONECLAW_PROFILE: profile } as AuthConfig, logger).send(mail, AbortSignal.timeout(10_000));
    await expect(send('production')).rejects.toMatchObject({ code: 'ETLS' });
    expect(smtp.recipientsSeen).toEqual([]);
    await send('local');
    expect(smtp.mailsTo(mail.to)).toHaveLength(1);
  });

  it('that stays away for too long costs the mail, with an alarm', async () => {
    smtp.treatments.set('busy@example.com', 'busy');
    await enqueue([changed('busy@example.com')]);
    await eventually(async () => expect((await rows())[0]?.attempts).toBe(1));
    await world.owner.query(`UPDATE mails SET created_at = now() - interval '2 days'`);
    await dueNow();
    await eventually(async () => expect((await rows())[0]?.state).toBe('dead'));
    const metrics = await fetch(`http://127.0.0.1:${world.service.adminPort}/metrics`).then((answer) => answer.text());
    expect(metrics).toMatch(/mails_total\{outcome="dead".*\} 1/);
  });
});

/** Another service with an outbox, which speaks under its own name. */
async function foreignProducer() {
  const database = await createTestDatabase();
  const dataSource = await createDataSource({ url: database.ownerUrl, applicationName: 'test', poolSize: 2, logger });
  const runner = dataSource.createQueryRunner();
  await outboxUp(runner);
  await runner.release();
  const link = new NatsLink({ url: nats.url, name: 'vault-svc', logger });
  const relay = new OutboxRelay({ producer: 'vault-svc', dataSource, nats: link, logger });
  relay.start();
  const close = async () => {
    await relay.stop();
    await link.close();
    await dataSource.destroy();
    await database.drop();
  };
  return { dataSource, close };
}

async function unconfirmed(dataSource: DataSource): Promise<number> {
  const [row] = await dataSource.query<{ count: number }[]>(
    `SELECT (SELECT count(*) FROM outbox WHERE family = 'mail')::int
          + (SELECT count(*) FROM outbox_batch WHERE family = 'mail')::int AS count`,
  );
  return row!.count;
}
