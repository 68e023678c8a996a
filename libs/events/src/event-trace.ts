import { EventBatch, EventTrace } from '@oneclaw/contracts/events';
import { activeTracing } from '@oneclaw/telemetry';

/**
 * The trace of a request goes with its events, in the bytes of their payloads: from the outbox they are published later, by any
 * replica, with others' in one message, and perhaps again, so no header of a message could say it.
 */
export function withTrace(payload: Uint8Array, maxBytes = Infinity): Uint8Array {
  const traceparent = activeTracing()?.traceparent();
  if (traceparent === undefined) return payload;
  const trace = EventTrace.encode({ traceparent }).finish();
  return payload.length + trace.length > maxBytes ? payload : Buffer.concat([payload, trace]);
}

export function eventsWithTrace<E extends { payload: Uint8Array }>(
  events: readonly E[],
  maxBytes: number,
): readonly E[] {
  if (!activeTracing()) return events;
  return events.map((event) => ({ ...event, payload: withTrace(event.payload, maxBytes) }));
}

/** Handles what messages brought in a span of the first traced request among them, linked with the others. */
export async function handleTraced<T>(
  family: string,
  messages: readonly { data: Uint8Array }[],
  handle: () => Promise<T>,
): Promise<T> {
  const span = activeTracing()?.follow({ name: `process ${family}`, kind: 'consumer' }, messages.flatMap(tracesOf));
  if (!span) return handle();
  try {
    const result = await span.run(handle);
    span.end();
    return result;
  } catch (error) {
    span.end({ failed: true });
    throw error;
  }
}

/** What cannot be read is for others to say. */
function tracesOf({ data }: { data: Uint8Array }): string[] {
  try {
    return EventBatch.decode(data).events.map(({ payload }) => EventTrace.decode(payload).traceparent);
  } catch {
    return [];
  }
}
