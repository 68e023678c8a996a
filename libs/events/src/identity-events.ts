import { IdentityEvent } from '@oneclaw/contracts/events';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Throws on what is no identity event. */
export function decodeIdentityEvent(payload: Uint8Array): IdentityEvent {
  const event = IdentityEvent.decode(payload);
  if (!UUID.test(event.orgId) || !UUID.test(event.subjectId)) throw new Error('an identity event without ids');
  return event;
}
