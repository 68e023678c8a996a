import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { OpenTelemetryTracing } from './open-telemetry.js';
import { parseTraceparent } from './traceparent.js';
import { activeTracing, startTracing, traced } from './tracing.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const http = { name: 'getSecret', kind: 'server' } as const;
const rpc = { name: 'Reads/ReadSecrets', kind: 'client' } as const;

let tracing: OpenTelemetryTracing;

function inMemory(share?: number): OpenTelemetryTracing {
  return new OpenTelemetryTracing({ endpoint: 'unused', service: 'test', share }, new InMemorySpanExporter());
}

beforeEach(() => {
  tracing = inMemory();
});

afterEach(() => tracing.close());

describe('a span', () => {
  it('is current for all that its work waits for, and not beside it', async () => {
    const span = tracing.begin(http)!;
    await span.run(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      expect(tracing.traceparent()).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    });
    expect(tracing.traceparent()).toBeUndefined();
    span.end();
  });

  it('has no parts once it has ended', () => {
    const span = tracing.begin(http)!;
    span.run(() => {
      expect(tracing.child(rpc)).toBeDefined();
      span.end();
      expect(tracing.child(rpc)).toBeUndefined();
      expect(tracing.traceparent()).toBeUndefined();
      expect(tracing.carry()).toBeUndefined();
    });
  });

  it('is made under no other than an open one', () => {
    expect(tracing.child(rpc)).toBeUndefined();
    expect(tracing.follow(http, [])).toBeUndefined();
    expect(tracing.follow(http, [undefined, 'nonsense', `00-${TRACE}-${SPAN}-00`])).toBeUndefined();
  });

  it('goes on with the trace of the first caller that has one', () => {
    const other = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
    const span = tracing.follow(http, [undefined, `00-${TRACE}-${SPAN}-01`, other])!;
    expect(span.run(() => tracing.traceId())).toBe(TRACE);
    span.end();
  });

  it('is made for the share of requests that is asked for', async () => {
    const none = inMemory(0);
    const half = inMemory(0.5);
    expect(none.begin(http)).toBeUndefined();
    const made = Array.from({ length: 1000 }, () => half.begin(http)).filter((span) => span !== undefined).length;
    expect(made).toBeGreaterThan(350);
    expect(made).toBeLessThan(650);
    await Promise.all([none.close(), half.close()]);
  });
});

describe('work for several', () => {
  it('belongs to the first one with an open span, and to nobody else by chance', () => {
    const [first, second] = [tracing.begin(http)!, tracing.begin(http)!];
    const carried = [undefined, first.run(() => tracing.carry()), second.run(() => tracing.carry())];
    const traceId = first.run(() => tracing.traceId());
    second.run(() => {
      tracing.runFor(carried, () => expect(tracing.traceId()).toBe(traceId));
      tracing.runFor([undefined], () => expect(tracing.traceId()).toBeUndefined());
    });
    first.end();
    tracing.runFor(carried, () => expect(tracing.traceId()).not.toBe(traceId));
    second.end();
  });
});

describe('a traceparent', () => {
  it.each([
    ['', undefined],
    [`00-${TRACE}-${SPAN}`, undefined],
    [`ff-${TRACE}-${SPAN}-01`, undefined],
    [`00-${'0'.repeat(32)}-${SPAN}-01`, undefined],
    [`00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
    [`00-${TRACE.toUpperCase()}-${SPAN}-01`, undefined],
    [`00-${TRACE}-${SPAN}-01`, { traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true }],
    [`00-${TRACE}-${SPAN}-03`, { traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true }],
    [`cc-${TRACE}-${SPAN}-01-later`, { traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true }],
  ])('%s is read as the standard says', (text, expected) => {
    expect(parseTraceparent(text)).toEqual(expected);
  });
});

describe('without an endpoint', () => {
  it('there are no traces, and functions are what they were', async () => {
    await startTracing({ service: 'test' });
    const work = (): Promise<number> => Promise.resolve(1);
    expect(activeTracing()).toBeUndefined();
    expect(traced(rpc, work)).toBe(work);
  });
});
