/** An event as its producer sent it, checked (intake/decode-audit-event.ts). */
export interface IncomingEvent {
  /** Lower-case UUIDs, these two. */
  id: string;
  orgId: string;
  actorType: string;
  actorId: string;
  action: string;
  resourceType: string;
  resourceId: string;
  /** The text of a JSON object, byte for byte. */
  details: string;
  /** From details, where they are strings. */
  vaultId: string | null;
  path: string | null;
  ipAddress: string;
  requestId: string;
  /** Microseconds since 1970: the resolution of Postgres. */
  createdAtMicros: number;
}

/** With its place in the org's chain. */
export interface UnhashedEvent extends IncomingEvent {
  /** 1, 2, 3 … */
  position: number;
  /** Null at position 1. */
  prevEventId: string | null;
}

export interface ChainedEvent extends UnhashedEvent {
  integrityHash: Buffer;
}

/** The end of an org's chain; position 0 before its first event. */
export interface ChainHead {
  orgId: string;
  position: number;
  eventId: string | null;
  integrityHash: Buffer;
}
