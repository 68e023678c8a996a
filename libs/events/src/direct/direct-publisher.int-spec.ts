import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '@oneclaw/telemetry';
import { eventually } from '@oneclaw/testing';
import { v7 as uuidv7 } from 'uuid';
import { TestWorld } from '../test-world.js';
import { DirectPublisher } from './direct-publisher.js';

const logger = createLogger({ service: 'test', level: 'silent' });

describe('events of a process without a database', () => {
  let world: TestWorld;
  const open: DirectPublisher[] = [];

  beforeEach(async () => {
    world = await TestWorld.create();
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((publisher) => publisher.close()));
    await world.dispose();
  });

  function publisher(maxEvents?: number) {
    const options = { producer: 'gateway', family: 'usage' as const, nats: world.link(), logger };
    const made = new DirectPublisher({ ...options, ...(maxEvents === undefined ? {} : { maxEvents }) });
    open.push(made);
    return made;
  }

  const consume = () => world.consumer({ name: 'billing-svc', family: 'usage' });

  function add(to: DirectPublisher, count: number): string[] {
    const ids = Array.from({ length: count }, () => uuidv7());
    for (const id of ids) to.add(id, Buffer.from(id));
    return ids;
  }

  const arrived = (ids: readonly string[]) =>
    eventually(async () => expect(await world.ledger()).toEqual([...ids].sort()), 20_000);

  it('arrive once each, also those of before there was a consumer', async () => {
    const first = publisher();
    const early = add(first, 450);
    await eventually(async () => expect(first.backlog).toBe(0));
    consume();
    await arrived(early);
    await arrived([...early, ...add(first, 3)]);
  });

  it('wait while the broker is away, and are not lost when it comes back without its store', async () => {
    consume();
    const only = publisher();
    const before = add(only, 10);
    await arrived(before);
    await world.nats.kill();
    await world.nats.wipe();
    const during = add(only, 500);
    expect(only.backlog).toBe(500);
    await world.nats.start();
    await arrived([...before, ...during]);
    await eventually(async () => expect(only.backlog).toBe(0));
  });

  it('are published again when the acknowledgement is late, and still count once', async () => {
    consume();
    const only = publisher();
    await arrived(add(only, 1));
    world.nats.pause();
    const ids = add(only, 5);
    // Longer than the broker may take for an acknowledgement: the first attempt has failed, and was taken all the same.
    await eventually(async () => expect(Reflect.get(only, 'retry')).toBeDefined(), 10_000);
    world.nats.resume();
    await eventually(async () => expect(await world.ledger()).toEqual(expect.arrayContaining(ids)), 20_000);
    await eventually(async () => expect(only.backlog).toBe(0));
    expect(await world.ledger()).toHaveLength(6);
  });

  it('that gathered while an acknowledgement was late are not taken for those that it was late for', async () => {
    consume();
    const only = publisher();
    await arrived(add(only, 1));
    world.nats.pause();
    const ids: string[] = [];
    // More batches than may be on their way; the rest gathers, and is published again together with what seems to have failed.
    for (let batch = 0; batch < 30; batch += 1) {
      ids.push(...add(only, 1));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually(async () => expect(Reflect.get(only, 'retry')).toBeDefined(), 10_000);
    world.nats.resume();
    await eventually(async () => expect(await world.ledger()).toEqual(expect.arrayContaining(ids)), 20_000);
    expect(await world.ledger()).toHaveLength(31);
  });

  it('are given up from the oldest on beyond the bound, so that the process lives', async () => {
    await world.nats.kill();
    const only = publisher(100);
    const ids = add(only, 101);
    await eventually(async () => expect(only.backlog).toBe(90));
    await world.nats.start();
    consume();
    await arrived(ids.slice(11));
  });

  it('are on their way when the turn of the event loop ends: a process killed afterwards has lost none', async () => {
    consume();
    const ids = Array.from({ length: 300 }, () => uuidv7());
    const child = spawn(process.execPath, ['--input-type=module', '-e', KILLED, world.nats.url, ...ids]);
    await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
    await arrived(ids);
  });
});

/** Publishes its arguments once it is connected, and kills itself in the next turn of the event loop. */
const KILLED = `
  import { NatsLink } from '${new URL('../../dist/sessions.js', import.meta.url)}';
  import { DirectPublisher } from '${new URL('../../dist/direct.js', import.meta.url)}';
  const [url, first, ...ids] = process.argv.slice(1);
  const logger = { info() {}, warn() {}, error() {} };
  const nats = new NatsLink({ url, name: 'killed', logger });
  const publisher = new DirectPublisher({ producer: 'gateway', family: 'usage', nats, logger });
  publisher.add(first, Buffer.from(first));
  const waiting = setInterval(() => {
    if (publisher.backlog > 0) return;
    clearInterval(waiting);
    for (const id of ids) publisher.add(id, Buffer.from(id));
    setImmediate(() => process.kill(process.pid, 'SIGKILL'));
  }, 5);
`;
