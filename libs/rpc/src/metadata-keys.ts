export const METADATA = {
  requestId: 'x-request-id',
  clientIp: 'oneclaw-client-ip',
  assertion: 'oneclaw-caller-assertion',
  /** The caller's own word; believed only without TLS, which exists only in the local profile on loopback. */
  peer: 'oneclaw-peer',
  /** W3C Trace Context; only where traces are on, and the request is one that is traced. */
  traceparent: 'traceparent',
  error: 'oneclaw-error-bin',
} as const;
