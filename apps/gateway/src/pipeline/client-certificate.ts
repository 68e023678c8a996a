import { hash, X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { TrustedProxies } from './client-ip.js';

const HEX_SHA256 = /^(?:[0-9a-f]{2}:?){31}[0-9a-f]{2}$/i;
/** One, and nothing else. */
const PEM = /^-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/;
const MAX_PEM_LENGTH = 16_384;

/**
 * The certificate that a client has shown: in the handshake with us (which proves that it has the key), or to a trusted proxy, which
 * says so in a header. Nobody else's header is looked at. Who issued it does not matter: agents are registered with its fingerprint.
 */
export class ClientCertificates {
  constructor(
    private readonly proxies: TrustedProxies,
    private readonly header: string | undefined,
  ) {}

  /** SHA-256 of its DER form, 32 bytes. */
  fingerprintOf({ socket, headers }: IncomingMessage): Buffer | undefined {
    // What a trusted proxy shows in a handshake of its own is the proxy's certificate.
    if (this.header !== undefined && this.proxies.has(addressOf(socket.remoteAddress)))
      return fromHeader(headers[this.header]);
    const certificate = (socket as Partial<TLSSocket>).getPeerX509Certificate?.();
    return certificate && hash('sha256', certificate.raw, 'buffer');
  }
}

/** Two headers arrive joined by a comma, and are no certificate. */
export function fromHeader(value: string | string[] | undefined): Buffer | undefined {
  if (typeof value !== 'string') return undefined;
  if (HEX_SHA256.test(value)) return Buffer.from(value.replaceAll(':', ''), 'hex');
  return value.length <= MAX_PEM_LENGTH ? fromPem(value) : undefined;
}

function fromPem(encoded: string): Buffer | undefined {
  try {
    const pem = decodeURIComponent(encoded);
    return PEM.test(pem) ? hash('sha256', new X509Certificate(pem).raw, 'buffer') : undefined;
  } catch {
    return undefined;
  }
}

function addressOf(remoteAddress: string | undefined): string {
  return (remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
}
