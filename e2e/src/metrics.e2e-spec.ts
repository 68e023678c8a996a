import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import { eventually } from './eventually.js';
import { documentedMetrics, type DocumentedMetric, type Scrape, scrape, total } from './metrics.js';
import { gatewayOf, ownStack } from './stacks.js';
import { newOwner, type Owner, secretUrl } from './world.js';

const DOCUMENT = new URL('../../docs/metrics.md', import.meta.url);

const documented = documentedMetrics(readFileSync(DOCUMENT, 'utf8'));
const CANARY = 'canary-e1d2c3';

let stack: Stack;
let owner: Owner;
let url: string;

beforeAll(async () => {
  stack = await ownStack();
  owner = await newOwner(gatewayOf(stack));
  const vault = (await owner.api.post('/v1/vaults', { name: CANARY })).as<{ id: string }>(201);
  url = secretUrl(vault, `${CANARY}/path`);
});

afterAll(() => stack?.stop());

async function scrapeAll(): Promise<Map<string, Scrape>> {
  const scrapes = stack.services.map(async ({ name, adminUrl }) => [name, await scrape(adminUrl)] as const);
  return new Map(await Promise.all(scrapes));
}

/** Reaches every service: a signup's session, a secret, the trail, the usage. */
async function useEverything(): Promise<void> {
  (await owner.api.put(url, { value: CANARY })).as(201);
  (await owner.api.get(url)).as(200);
  (await owner.api.get('/v1/audit/events')).as(200);
  (await owner.api.get('/v1/billing/usage')).as(200);
}

/** Once what was done is in the trail, everything that counts events has counted. */
async function untilTrailHas(service: Scrape, more: number): Promise<void> {
  const before = total(service, 'consumer_events_total');
  await eventually('the events in the trail', 30_000, async () => {
    const now = await scrape(stack.service('audit-svc').adminUrl);
    return total(now, 'consumer_events_total') >= before + more || undefined;
  });
}

describe('the metrics', () => {
  it('are those of the document, on each service that it names, with the labels that it names', async () => {
    const before = await scrapeAll();
    await useEverything();
    await untilTrailHas(before.get('audit-svc')!, 2);
    const scrapes = await scrapeAll();
    const differences = documented.flatMap((metric) =>
      metric.services.flatMap((service) => differencesOf(metric, service, scrapes.get(service))),
    );
    expect(documented.length).toBeGreaterThan(30);
    expect(differences).toEqual([]);
    const known = new Set(documented.map(({ name }) => name));
    const foreign = [...scrapes].flatMap(([service, { types }]) =>
      [...types.keys()]
        .filter((name) => !known.has(name) && !/^(nodejs|process)_/.test(name))
        .map((name) => [service, name]),
    );
    expect(foreign).toEqual([]);
  });

  it('move when a secret is written and read', async () => {
    const before = await scrapeAll();
    await useEverything();
    const expected = [
      ['gateway', 'http_request_duration_seconds_count', 4],
      ['gateway', 'quota_requests_total', 4],
      ['gateway', 'rpc_client_duration_seconds_count', 4],
      ['vault-svc', 'rpc_server_duration_seconds_count', 2],
      ['vault-svc', 'rpc_client_duration_seconds_count', 2],
      ['vault-svc', 'outbox_batches_total', 1],
      ['crypto-svc', 'rpc_server_duration_seconds_count', 2],
      ['crypto-svc', 'hsm_operations_total', 2],
      ['crypto-svc', 'hsm_operation_duration_seconds_count', 2],
      ['billing-svc', 'rpc_server_duration_seconds_count', 1],
      ['audit-svc', 'rpc_server_duration_seconds_count', 1],
      ['audit-svc', 'consumer_events_total', 2],
      ['audit-svc', 'audit_event_delay_seconds_count', 1],
    ] as const;
    let unmoved: string[] = [];
    // Events are on their way to the trail when the answer is here already.
    await eventually('what moves', 30_000, async () => {
      const after = await scrapeAll();
      unmoved = expected
        .filter(
          ([service, name, least]) => total(after.get(service)!, name) - total(before.get(service)!, name) < least,
        )
        .map(([service, name]) => `${service} ${name}`);
      return unmoved.length === 0 || undefined;
    }).catch(() => undefined);
    expect(unmoved).toEqual([]);
  });

  it('hold no id, path, name or value in any label', async () => {
    await useEverything();
    for (const [service, { text }] of await scrapeAll()) {
      expect([service, text.includes(CANARY)]).toEqual([service, false]);
      expect([service, text.match(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}/g)]).toEqual([service, null]);
    }
  });
});

function differencesOf(metric: DocumentedMetric, service: string, found: Scrape | undefined): string[] {
  const type = found?.types.get(metric.name);
  if (type !== metric.type) return [`${service} ${metric.name}: ${type ?? 'is not there'}, not a ${metric.type}`];
  const series = found!.samples.filter(({ base }) => base === metric.name);
  if (series.length === 0) return metric.later ? [] : [`${service} ${metric.name}: no value`];
  const labels = new Set(series.flatMap((sample) => [...sample.labels.keys()]));
  for (const implied of ['service', 'le', 'quantile']) labels.delete(implied);
  const [seen, expected] = [[...labels].sort().join(), [...metric.labels].sort().join()];
  return seen === expected ? [] : [`${service} ${metric.name}: labels ${seen}, not ${expected}`];
}
