/**
 * Traces, as the rest of the code sees them. Nothing here loads OpenTelemetry, and without an endpoint nothing ever does: then
 * `activeTracing()` is undefined, and a caller does without it at the price of a comparison.
 *
 * A trace begins at a request to the gateway and at nothing else. A span is made only under one that is still open: what a
 * request leaves behind (timers, pools, the relay of events) does not go on writing to its trace.
 */
export interface TracingOptions {
  /** Base URL of an OTLP/HTTP receiver; `/v1/traces` is appended, as the OTLP specification says. */
  endpoint: string;
  service: string;
  instance?: string | undefined;
  /** The share of requests that are traced, from 0 to 1. Only what begins traces needs it. */
  share?: number | undefined;
}

/** Names and values that we chose: never a path, an id, an address, or anything else that a caller sent. */
export interface SpanSpec {
  name: string;
  kind: 'server' | 'client' | 'consumer' | 'internal';
  attributes?: Record<string, string | number>;
}

export interface OpenSpan {
  /** Runs `work`, and all that it waits for, with this span as the current one. */
  run<T>(work: () => T): T;
  /** The first end counts. */
  end(outcome?: { attributes?: Record<string, string | number>; failed?: boolean }): void;
}

/** Whose work a batch does; opaque. */
export type Carried = object | undefined;

export interface Tracing {
  /** A new trace, or undefined where its turn does not come. */
  begin(spec: SpanSpec): OpenSpan | undefined;
  /** The trace of a caller in another process; of several, the first one's, with links to the others. */
  follow(spec: SpanSpec, traceparents: readonly (string | undefined)[]): OpenSpan | undefined;
  /** A part of the current span; undefined where there is none. */
  child(spec: SpanSpec): OpenSpan | undefined;
  /** W3C Trace Context of the current span. */
  traceparent(): string | undefined;
  /** For log lines. */
  traceId(): string | undefined;
  carry(): Carried;
  /** Runs `work` in the first one's span; the first span within it is linked with those of the others, both ways. */
  runFor<T>(carried: readonly Carried[], work: () => T): T;
  /** Sends what has ended; waits for at most a second. */
  close(): Promise<void>;
}

let active: Tracing | undefined;

export function activeTracing(): Tracing | undefined {
  return active;
}

/** To be called before anything else is built: much is built with traces or without. One service is traced per process. */
export async function startTracing(options: Omit<TracingOptions, 'endpoint'> & { endpoint?: string | undefined }) {
  const { endpoint } = options;
  if (endpoint === undefined) return;
  const { OpenTelemetryTracing } = await import('./open-telemetry.js');
  active = new OpenTelemetryTracing({ ...options, endpoint });
}

export async function stopTracing(): Promise<void> {
  await active?.close();
}

/** A function whose every call is a span, where it is called within a trace; the function itself where there are none. */
export function traced<A extends unknown[], T>(spec: SpanSpec, work: (...args: A) => Promise<T>) {
  const tracing = active;
  if (!tracing) return work;
  return async (...args: A): Promise<T> => {
    const span = tracing.child(spec);
    if (!span) return work(...args);
    try {
      const result = await span.run(() => work(...args));
      span.end();
      return result;
    } catch (error) {
      span.end({ failed: true });
      throw error;
    }
  };
}
