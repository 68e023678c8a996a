import { AsyncLocalStorage } from 'node:async_hooks';
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  type SpanExporter,
  TracerProvider,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { formatTraceparent, parseTraceparent } from './traceparent.js';
import type { Carried, OpenSpan, SpanSpec, Tracing, TracingOptions } from './tracing.js';

/** What is current: a span, and whoever else waits for what it does next. */
interface Current {
  span: Span;
  others?: readonly Span[] | undefined;
}

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
};

/** A receiver that does not answer holds up nothing but its own spans: the queue is bounded, what does not fit is dropped. */
const SEND_EVERY_MS = 1000;
const EXPORT_TIMEOUT_MS = 5000;
const CLOSE_TIMEOUT_MS = 1000;
/** The SDK's own limit. */
const MAX_LINKS = 128;

/** Loaded only where an endpoint is configured. Knows nothing of the SDK's globals: a process has one of these. */
export class OpenTelemetryTracing implements Tracing {
  private readonly provider: TracerProvider;
  private readonly tracer: Tracer;
  private readonly current = new AsyncLocalStorage<Current | undefined>();

  constructor({ endpoint, service, instance, share = 1 }: TracingOptions, exporter = exporterTo(endpoint)) {
    this.provider = new TracerProvider({
      resource: resourceFromAttributes({
        'service.namespace': 'oneclaw',
        'service.name': service,
        ...(instance ? { 'service.instance.id': instance } : {}),
      }),
      // Asked only where a trace begins; everything below is recorded because its parent is.
      sampler: new TraceIdRatioBasedSampler(share),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter,
          scheduledDelayMillis: SEND_EVERY_MS,
          exportTimeoutMillis: EXPORT_TIMEOUT_MS,
        }),
      ],
    });
    this.tracer = this.provider.getTracer('oneclaw');
  }

  begin(spec: SpanSpec): OpenSpan | undefined {
    return this.open(spec, undefined, []);
  }

  follow(spec: SpanSpec, traceparents: readonly (string | undefined)[]): OpenSpan | undefined {
    const [parent, ...others] = distinct(traceparents.map(parseTraceparent));
    return parent && this.open(spec, parent, others);
  }

  child(spec: SpanSpec): OpenSpan | undefined {
    const current = this.current.getStore();
    if (!current?.span.isRecording()) return undefined;
    const others = current.others ?? [];
    delete current.others;
    const span = this.open(
      spec,
      current.span.spanContext(),
      others.map((other) => other.spanContext()),
    );
    if (span) for (const other of others) other.addLink({ context: span.context });
    return span;
  }

  traceparent(): string | undefined {
    const context = this.currentContext();
    return context && formatTraceparent(context);
  }

  traceId(): string | undefined {
    return this.currentContext()?.traceId;
  }

  carry(): Carried {
    const span = this.current.getStore()?.span;
    return span?.isRecording() ? span : undefined;
  }

  runFor<T>(carried: readonly Carried[], work: () => T): T {
    const spans = new Set(carried as readonly (Span | undefined)[]);
    const [span, ...others] = [...spans].filter((each) => each?.isRecording()) as Span[];
    return this.current.run(span && { span, others: others.slice(0, MAX_LINKS) }, work);
  }

  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_TIMEOUT_MS)));
    await Promise.race([this.provider.shutdown().catch(() => undefined), enough]);
    clearTimeout(timer);
  }

  private currentContext(): SpanContext | undefined {
    const span = this.current.getStore()?.span;
    return span?.isRecording() ? span.spanContext() : undefined;
  }

  private open(
    { name, kind, attributes }: SpanSpec,
    parent: SpanContext | undefined,
    links: readonly SpanContext[],
  ): RecordedSpan | undefined {
    const options = {
      kind: KINDS[kind],
      ...(attributes ? { attributes } : {}),
      links: links.slice(0, MAX_LINKS).map((context) => ({ context })),
    };
    const context = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
    const span = this.tracer.startSpan(name, options, context);
    return span.isRecording() ? new RecordedSpan(span, this.current) : undefined;
  }
}

function exporterTo(endpoint: string): SpanExporter {
  const url = `${endpoint.replace(/\/$/, '')}/v1/traces`;
  return new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS });
}

class RecordedSpan implements OpenSpan {
  constructor(
    private readonly span: Span,
    private readonly current: AsyncLocalStorage<Current | undefined>,
  ) {}

  get context(): SpanContext {
    return this.span.spanContext();
  }

  run<T>(work: () => T): T {
    return this.current.run({ span: this.span }, work);
  }

  end({ attributes, failed = false }: Parameters<OpenSpan['end']>[0] = {}): void {
    if (!this.span.isRecording()) return;
    if (attributes) this.span.setAttributes(attributes);
    if (failed) this.span.setStatus({ code: SpanStatusCode.ERROR });
    this.span.end();
  }
}

function distinct(contexts: readonly (SpanContext | undefined)[]): SpanContext[] {
  const sampled = contexts.filter((context) => context && context.traceFlags & TraceFlags.SAMPLED) as SpanContext[];
  return [...new Map(sampled.map((context) => [context.spanId, context])).values()];
}
