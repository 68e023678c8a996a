import { status, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { activeTracing } from '@oneclaw/telemetry';
import { METADATA } from './metadata-keys.js';

type Call = ServerUnaryCall<unknown, unknown>;
type Handler = (call: Call, respond: sendUnaryData<unknown>) => void;

/** Goes on with the trace of a caller that sends one; the handler itself where there are no traces. */
export function tracedHandler(path: string, handler: Handler): Handler {
  const tracing = activeTracing();
  if (!tracing) return handler;
  const spec = { name: path.slice(1), kind: 'server', attributes: { 'rpc.system': 'grpc' } } as const;
  return (call, respond) => {
    const [traceparent] = call.metadata.get(METADATA.traceparent);
    const span = traceparent && tracing.follow(spec, [String(traceparent)]);
    if (!span) return handler(call, respond);
    span.run(() =>
      handler(call, (error, value) => {
        const code = (error && 'code' in error && error.code) || status.OK;
        span.end({ attributes: { 'rpc.grpc.status_code': code }, failed: OUR_FAULT.has(code) });
        respond(error, value);
      }),
    );
  };
}

/** A refusal is an answer (OpenTelemetry's conventions for gRPC servers). */
const OUR_FAULT: ReadonlySet<number> = new Set([
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.UNIMPLEMENTED,
  status.INTERNAL,
  status.UNAVAILABLE,
  status.DATA_LOSS,
]);
