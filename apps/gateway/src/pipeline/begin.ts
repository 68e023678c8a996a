import type { FastifyReply, FastifyRequest } from 'fastify';
import type { BaseHeaders } from '../http/base-headers.js';
import { faultOf } from '../http/framing.js';
import { hasNoBody } from '../http/json-body.js';
import type { ClientCertificates } from './client-certificate.js';
import { type TrustedProxies, clientIp } from './client-ip.js';
import type { Deadlines } from './deadlines.js';

export interface BeginOptions {
  proxies: TrustedProxies;
  certificates: ClientCertificates;
  deadlines: Deadlines;
  headers: BaseHeaders;
}

/** What everything else relies on: a sound message, the client's address, the deadline, the operation, and headers that every answer has. */
export function beginStep({ proxies, certificates, deadlines, headers }: BeginOptions) {
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
    done(faultOf(raw));
  };
}

function cacheControl({ operation }: FastifyRequest): string {
  return operation?.cacheSeconds === undefined ? 'no-store' : `public, max-age=${operation.cacheSeconds}`;
}
