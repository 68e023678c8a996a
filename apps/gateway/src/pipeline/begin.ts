import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpRefusal } from '../http/http-refusal.js';
import { hasNoBody } from '../http/json-body.js';
import type { ClientCertificates } from './client-certificate.js';
import { type TrustedProxies, clientIp } from './client-ip.js';
import type { Deadlines } from './deadlines.js';

export interface BeginOptions {
  proxies: TrustedProxies;
  certificates: ClientCertificates;
  deadlines: Deadlines;
  /** HSTS only makes sense where clients come over TLS. */
  https: boolean;
}

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};
const HSTS = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' };

/** What everything else relies on: the client's address, the deadline, the operation, and headers that every answer has. */
export function beginStep({ proxies, certificates, deadlines, https }: BeginOptions) {
  const headers = https ? { ...HEADERS, ...HSTS } : HEADERS;
  return (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    const { raw } = request;
    request.operation = request.routeOptions.config.operation;
    request.clientIp = clientIp(
      raw.socket.remoteAddress,
      raw.headers['x-forwarded-for'] as string | undefined,
      proxies,
    );
    if (request.operation?.clientCertificate) request.clientFingerprint = certificates.fingerprintOf(raw);
    deadlines.start(request, reply);
    reply.headers(headers).header('x-request-id', request.id).header('cache-control', cacheControl(request));
    // Clients announce JSON also where they send nothing.
    if (hasNoBody(raw)) delete raw.headers['content-type'];
    const hostless = raw.headers.host === undefined && raw.httpVersion === '1.1';
    done(hostless ? new HttpRefusal(400, 'The Host header is missing.', { connection: 'close' }) : undefined);
  };
}

function cacheControl({ operation }: FastifyRequest): string {
  return operation?.cacheSeconds === undefined ? 'no-store' : `public, max-age=${operation.cacheSeconds}`;
}
