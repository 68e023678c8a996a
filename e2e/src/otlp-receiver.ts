import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** A span as it was received: opentelemetry.proto.trace.v1.Span, as far as tests look at it. */
export interface ReceivedSpan {
  service: string;
  traceId: string;
  id: string;
  /** Empty in the first span of a trace. */
  parentId: string;
  name: string;
  /** Trace ids. */
  links: string[];
}

/** The receiving end of OTLP/HTTP with protobuf, as a collector is one; or one that takes everything and never answers. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** Every byte of every export, for what must not be in it. */
  readonly bytes: Buffer[] = [];
  /** Exports that are being received or left without an answer. */
  requests = 0;
  private readonly server: Server;

  constructor(private readonly answers: boolean) {
    this.server = createServer((request, response) => {
      this.requests += 1;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (!this.answers) return;
        const body = Buffer.concat(chunks);
        const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
        const isTraces = request.url === '/v1/traces' && request.headers['content-type'] === 'application/x-protobuf';
        if (isTraces) {
          this.bytes.push(plain);
          this.spans.push(...spansOf(plain));
        }
        response.writeHead(isTraces ? 200 : 404, { 'content-type': 'application/x-protobuf' }).end();
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** ExportTraceServiceRequest { resource_spans = 1 { resource = 1, scope_spans = 2 { spans = 2 } } } */
function spansOf(body: Buffer): ReceivedSpan[] {
  return fields(body, 1).flatMap((resourceSpans) => {
    const [resource] = fields(resourceSpans, 1);
    const service = attribute(resource!, 'service.name');
    return fields(resourceSpans, 2).flatMap((scope) => fields(scope, 2).map((span) => spanOf(span, service)));
  });
}

/** Span { trace_id = 1, span_id = 2, parent_span_id = 4, name = 5, links = 13 { trace_id = 1 } } */
function spanOf(span: Uint8Array, service: string): ReceivedSpan {
  const hex = (from: Uint8Array, field: number): string => Buffer.from(fields(from, field)[0] ?? []).toString('hex');
  return {
    service,
    traceId: hex(span, 1),
    id: hex(span, 2),
    parentId: hex(span, 4),
    name: Buffer.from(fields(span, 5)[0]!).toString(),
    links: fields(span, 13).map((link) => hex(link, 1)),
  };
}

/** Resource { attributes = 1 { key = 1, value = 2 { string_value = 1 } } } */
function attribute(resource: Uint8Array, key: string): string {
  const found = fields(resource, 1).find((pair) => Buffer.from(fields(pair, 1)[0]!).toString() === key);
  return found ? Buffer.from(fields(fields(found, 2)[0]!, 1)[0]!).toString() : '';
}

/** The length-delimited fields with that number. */
function fields(message: Uint8Array, number: number): Uint8Array[] {
  const reader = new BinaryReader(message);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === number && wireType === WireType.LengthDelimited) found.push(reader.bytes());
    else reader.skip(wireType, field);
  }
  return found;
}
