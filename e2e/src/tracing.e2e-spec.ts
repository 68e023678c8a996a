import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import { eventually } from './eventually.js';
import { OtlpReceiver, type ReceivedSpan } from './otlp-receiver.js';
import { gatewayOf, ownStack } from './stacks.js';
import { newOwner, type Owner, secretUrl } from './world.js';

const VALUE = `canary-value-${randomBytes(8).toString('hex')}`;
const PATH = `canary-path-${randomBytes(8).toString('hex')}`;
const PARALLEL = 50;

let receiver: OtlpReceiver;
let stack: Stack;
let owner: Owner;
let url: string;

beforeAll(async () => {
  receiver = new OtlpReceiver(true);
  stack = await tracedStack(await receiver.listen());
  owner = await newOwner(gatewayOf(stack));
  const vault = (await owner.api.post('/v1/vaults', { name: 'traced' })).as<{ id: string }>(201);
  url = secretUrl(vault, PATH);
  (await owner.api.put(url, { value: VALUE })).as(201);
});

afterAll(async () => {
  await stack?.stop();
  await receiver?.close();
});

function tracedStack(endpoint: string): Promise<Stack> {
  const unlimited = { RATE_LIMIT_PER_SECOND: '100000', RATE_LIMIT_BURST: '100000' };
  return ownStack({ env: { all: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, gateway: unlimited } });
}

/**
 * The trace of a request, by its line in the access log, once it has all the spans that are asked for, and those that these are
 * parts of: each service sends its own at its own time. What is done for several requests at once is a span of the first one's
 * trace, and counts here where it is linked with this one's.
 */
async function traceOf(requestId: string, ...wanted: RegExp[]): Promise<ReceivedSpan[]> {
  const { value } = await eventually('the spans of a request', 20_000, async () => {
    const traceId = /"traceId":"([0-9a-f]{32})"/.exec(logLines(requestId, '"msg":"request"')[0] ?? '')?.[1];
    const spans = receiver.spans.filter((span) => span.traceId === traceId);
    const known = new Set(spans.map((span) => span.id));
    const whole = spans.every(({ parentId }) => parentId === '' || known.has(parentId));
    const linked = receiver.spans.filter(({ links }) => traceId !== undefined && links.includes(traceId));
    const names = [...spans, ...linked].map(({ service, name }) => `${service} ${name}`);
    return whole && wanted.every((each) => names.some((name) => each.test(name))) ? spans : undefined;
  });
  return value;
}

function logLines(...texts: string[]): string[] {
  const files = readdirSync(stack.state.logs).map((name) => readFileSync(join(stack.state.logs, name), 'utf8'));
  return files.flatMap((text) => text.split('\n')).filter((line) => texts.every((each) => line.includes(each)));
}

async function read(headers: Record<string, string> = {}): Promise<string> {
  const id = `traced-${randomBytes(8).toString('hex')}`;
  (await owner.api.get(url, { 'x-request-id': id, ...headers })).as(200);
  return id;
}

describe('traces', () => {
  it('go with a read through every service, to its event in the trail', async () => {
    const spans = await traceOf(
      await read(),
      /^gateway getSecret$/,
      /^gateway oneclaw\.vault\.v1\.\w+\/ReadSecrets$/,
      /^vault-svc oneclaw\.vault\.v1\.\w+\/ReadSecrets$/,
      /^vault-svc oneclaw\.crypto\.v1\.\w+\/Open$/,
      /^vault-svc outbox-append$/,
      /^crypto-svc oneclaw\.crypto\.v1\.\w+\/Open$/,
      /^crypto-svc hsm unwrapDeks$/,
      /^audit-svc process audit$/,
      /^billing-svc process usage$/,
    );
    expect(spans.filter(({ parentId }) => parentId === '').map(({ name }) => name)).toEqual(['getSecret']);
  });

  it('go through auth-svc where the caller is not known yet', async () => {
    const login = { email: owner.email, password: owner.password };
    const id = `login-${randomBytes(8).toString('hex')}`;
    (await gatewayOf(stack).post('/v1/auth/token', login, { 'x-request-id': id })).as(200);
    const spans = await traceOf(id, /^auth-svc oneclaw\.auth\.v1\./, /^crypto-svc hsm sign$/);
    expect(spans.filter(({ parentId }) => parentId === '')).toHaveLength(1);
  });

  it('link the requests of a batch with the call that serves them, in both directions', async () => {
    const ids = await Promise.all(Array.from({ length: PARALLEL }, () => read()));
    const traces = await Promise.all(ids.map((id) => traceOf(id, /^gateway getSecret$/)));
    expect(new Set(traces.map(([span]) => span!.traceId)).size).toBe(PARALLEL);
    const roots = traces.map((spans) => spans.find(({ name }) => name === 'getSecret')!);
    const batches = traces.flat().filter(({ service, name }) => service === 'gateway' && /ReadSecrets$/.test(name));
    expect(batches.length).toBeGreaterThan(0);
    expect(batches.length).toBeLessThan(PARALLEL);
    const served = batches.flatMap(({ traceId, links }) => [traceId, ...links]);
    expect(served.sort()).toEqual(roots.map(({ traceId }) => traceId).sort());
    const others = roots.filter(({ traceId }) => !batches.some((batch) => batch.traceId === traceId));
    const known = new Set(batches.map(({ traceId }) => traceId));
    expect(others.every(({ links }) => links.some((traceId) => known.has(traceId)))).toBe(true);
  });

  it('are not what a client says they are', async () => {
    const traceId = randomBytes(16).toString('hex');
    const spans = await traceOf(
      await read({ traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` }),
      /^gateway getSecret$/,
    );
    expect(spans[0]!.traceId).not.toBe(traceId);
    expect(receiver.spans.flatMap((span) => [span.traceId, ...span.links])).not.toContain(traceId);
  });

  it('hold no value, path, id, address or credential', async () => {
    await traceOf(await read(), /^audit-svc process audit$/);
    const sent = Buffer.concat(receiver.bytes);
    const pin = readFileSync(stack.state.at('softhsm', 'pin'), 'utf8').trim();
    const token = owner.api.token!;
    const secrets = { VALUE, PATH, token, signature: token.split('.')[2]!, pin, password: owner.password };
    const found = Object.entries({ ...secrets, email: owner.email, org: owner.orgId, user: owner.id }).filter(
      ([, secret]) => sent.includes(secret) || sent.includes(Buffer.from(secret).toString('base64').slice(0, -4)),
    );
    expect(found.map(([name]) => name)).toEqual([]);
    expect(sent.includes('getSecret')).toBe(true);
  });
});

describe('a receiver that does not answer', () => {
  it('slows no request, loses none, and keeps no service from stopping', async () => {
    const silent = new OtlpReceiver(false);
    const other = await tracedStack(await silent.listen());
    try {
      const { api } = await newOwner(gatewayOf(other));
      const vault = (await api.post('/v1/vaults', { name: 'traced' })).as<{ id: string }>(201);
      (await api.put(secretUrl(vault, PATH), { value: VALUE })).as(201);
      await eventually('an export that waits', 20_000, async () => silent.requests > 0 || undefined);
      for (let round = 0; round < 20; round += 1) {
        const answers = await Promise.all(Array.from({ length: PARALLEL }, () => api.get(secretUrl(vault, PATH))));
        expect(answers.map((answer) => answer.as<{ value: string }>(200).value)).toEqual(Array(PARALLEL).fill(VALUE));
      }
      expect((await api.get('/v1/audit/verify')).as<{ chain_valid: boolean }>(200).chain_valid).toBe(true);
    } finally {
      await other.stop();
      await silent.close();
    }
  });
});
