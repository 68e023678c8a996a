/** A client that does not read its answer loses the connection after this. */
export const SOCKET_TIMEOUT_MS = 120_000;
export const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** Headers and bodies that dribble in are cut after these times. */
export const REQUEST_TIMEOUT_MS = 9000;
export const MAX_HEADER_BYTES = 16 * 1024;

/** For node's HTTP and HTTPS servers. */
export const SERVER_LIMITS = {
  headersTimeout: 5000,
  requestTimeout: REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  maxHeaderSize: MAX_HEADER_BYTES,
  // Checked in the pipeline, where the answer can say what is missing.
  requireHostHeader: false,
};
