import { afterEach, describe, expect, it } from '@jest/globals';
import { unavailable } from '@oneclaw/errors';
import { createLogger } from '@oneclaw/telemetry';
import { getSecret } from '../secrets/secrets.operations.js';
import type { Session } from '../sessions/session.js';
import { UsageReporter } from './usage-reporter.js';

const logger = createLogger({ service: 'test', level: 'silent' });
const session = { type: 'agent', id: 'a1', orgId: 'o1' } as Session;
const open: UsageReporter[] = [];
afterEach(async () => {
  for (const reporter of open.splice(0)) await reporter.close();
});

interface Sent {
  reportId: string;
  statuses: number[];
}

function world(options: { batch?: number; maxRecords?: number } = {}) {
  const state = { up: true, loseAnswer: false };
  const sent: Sent[] = [];
  const client = {
    reportUsage: async ({
      reportId = '',
      records = [],
    }: {
      reportId?: string;
      records?: { statusCode?: number }[];
    }) => {
      if (!state.up) throw unavailable('Away.');
      sent.push({ reportId, statuses: records.map((record) => record.statusCode ?? 0) });
      if (state.loseAnswer) throw unavailable('Lost.');
      return {};
    },
  };
  const reporter = new UsageReporter(client as never, logger, { intervalMs: 3_600_000, ...options });
  open.push(reporter);
  return { state, sent, reporter, add: (status: number) => reporter.add(session, getSecret, status), client };
}

describe('the usage reporter', () => {
  it('sends records in batches, by the template of the route', async () => {
    const { reporter, add, sent } = world();
    add(200);
    add(404);
    await reporter.flush();
    expect(sent).toEqual([{ reportId: expect.stringMatching(/^[0-9a-f-]{36}$/), statuses: [200, 404] }]);
    expect(reporter.backlog).toBe(0);
  });

  it('sends a full batch without being asked', async () => {
    const { add, sent } = world({ batch: 3 });
    for (const status of [200, 201, 204]) add(status);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent.map((report) => report.statuses)).toEqual([[200, 201, 204]]);
  });

  it('keeps the id of a report until it is accepted, so that nothing counts twice', async () => {
    const { reporter, add, sent, state } = world();
    state.loseAnswer = true;
    add(200);
    await reporter.flush();
    state.loseAnswer = false;
    add(201);
    await reporter.flush();
    expect(new Set(sent.filter((report) => report.statuses[0] === 200).map((report) => report.reportId)).size).toBe(1);
    expect(sent.map((report) => report.statuses)).toEqual([[200], [200], [201]]);
  });

  it('catches up when billing-svc comes back', async () => {
    const { reporter, add, sent, state } = world();
    state.up = false;
    for (const status of [200, 201, 202]) {
      add(status);
      await reporter.flush();
    }
    expect(reporter.backlog).toBe(3);
    state.up = true;
    await reporter.flush();
    expect(sent.flatMap((report) => report.statuses).sort()).toEqual([200, 201, 202]);
  });

  it('loses the oldest beyond its bound, not the memory of the process', async () => {
    const { reporter, add, state } = world({ maxRecords: 5 });
    state.up = false;
    for (let index = 0; index < 50; index += 1) {
      add(200);
      await reporter.flush();
    }
    expect(reporter.backlog).toBeLessThanOrEqual(5);
    state.up = true;
  });

  it('hands over what is left when it closes', async () => {
    const { reporter, add, sent } = world();
    add(200);
    await reporter.close();
    expect(sent).toHaveLength(1);
  });

  it('closes also when nobody takes it', async () => {
    const { reporter, add, state } = world();
    state.up = false;
    add(200);
    await reporter.close();
    expect(reporter.backlog).toBe(1);
    state.up = true;
  });
});
