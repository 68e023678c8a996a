import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { ConfigError } from '@oneclaw/config';
import type { FastifyInstance } from 'fastify';
import type { GatewayConfig } from '../config.js';
import { leaveExpectations } from './fastify.js';
import { SERVER_LIMITS, SOCKET_TIMEOUT_MS } from './limits.js';
import type { SocketErrors } from './socket-errors.js';

const HANDSHAKE_TIMEOUT_MS = 5000;

export interface HttpsServer {
  readonly port: number;
  /** Requests under way end. */
  close(): Promise<void>;
}

type HttpsConfig = Pick<GatewayConfig, 'HTTPS_LISTEN' | 'HTTPS_CERT_FILE' | 'HTTPS_KEY_FILE'>;

/** Where to listen and as whom; `undefined` where HTTPS is not configured. Throws ConfigError where a file is missing. */
export function httpsSettings({ HTTPS_LISTEN: address, HTTPS_CERT_FILE: cert, HTTPS_KEY_FILE: key }: HttpsConfig) {
  if (!address) return undefined;
  const missing = Object.entries({ HTTPS_CERT_FILE: cert, HTTPS_KEY_FILE: key }).filter(([, value]) => !value);
  if (missing.length > 0) throw new ConfigError(missing.map(([name]) => `${name} is not set.`));
  return { address, cert: cert as string, key: key as string };
}

/**
 * The same application over TLS. Clients are asked for a certificate and need not have one; whoever issued it, the handshake proves
 * that they have its key.
 */
export async function startHttps(
  app: FastifyInstance,
  errors: SocketErrors,
  { address, cert, key }: NonNullable<ReturnType<typeof httpsSettings>>,
): Promise<HttpsServer> {
  const tls = { cert, key, requestCert: true, rejectUnauthorized: false, handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
  const server: Server = createServer({ ...SERVER_LIMITS, ...tls }, (request, response) =>
    app.routing(request, response),
  );
  server.setTimeout(SOCKET_TIMEOUT_MS);
  server.on('clientError', (error, socket) => errors.handle(error, socket as TLSSocket));
  leaveExpectations(server, app);
  errors.listen(server);
  server.listen(address.port, address.host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      await closed;
    },
  };
}
