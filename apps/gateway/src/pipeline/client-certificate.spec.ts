import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { ClientCertificates, fromHeader } from './client-certificate.js';
import { TrustedProxies } from './client-ip.js';

/** Self-signed; its key is gone. */
const PEM = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBeDCCAR2gAwIBAgIUZ87k7isSgNvvUEMgFCMJqW/7n2QwCgYIKoZIzj0EAwIw',
  'EDEOMAwGA1UEAwwFYWdlbnQwIBcNMjYxMTIxMTk0NTM3WhgPMjEyNjEwMjgxOTQ1',
  'MzdaMBAxDjAMBgNVBAMMBWFnZW50MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE',
  'r6L2wBKRBk/h4/GX+ErII1Sv6Gu9nLvJy6O9yDkAz0/x8mYYfXLXqXgetv7DhSUc',
  'xwUY04Fv1Up8IUlYQqIRRaNTMFEwHQYDVR0OBBYEFHqumQO4A37jneLISREjvZ+T',
  'cqKNMB8GA1UdIwQYMBaAFHqumQO4A37jneLISREjvZ+TcqKNMA8GA1UdEwEB/wQF',
  'MAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAJDsF2SdKuYInTCsst6+jBliYplDDltH',
  'uzZtbxZhXiGMAiEAlTX2W0n8aJXoYJzIhTHAp/ilvsCp+LDO5tz34FV1mNY=',
  '-----END CERTIFICATE-----',
  '',
].join('\n');
const FINGERPRINT = 'CC:E7:A5:CA:C0:D0:0E:4E:2E:4A:A2:45:27:23:8A:F7:91:35:E6:5A:0A:AA:B1:F8:8C:ED:ED:A6:91:65:BC:B6';
const HEX = FINGERPRINT.replaceAll(':', '').toLowerCase();
const HEADER = 'x-client-cert';

interface Peer {
  address: string;
  header?: string | string[];
  /** What it showed in the handshake. */
  der?: Buffer;
}

function request({ address, header, der }: Peer): IncomingMessage {
  const socket = { remoteAddress: address, getPeerX509Certificate: () => der && { raw: der } };
  return { socket, headers: header === undefined ? {} : { [HEADER]: header } } as unknown as IncomingMessage;
}

const seen = (peer: Peer, header: string | undefined = HEADER) =>
  new ClientCertificates(new TrustedProxies(['10.0.0.0/8']), header).fingerprintOf(request(peer))?.toString('hex');

const der = Buffer.from(PEM.replace(/-----.*?-----|\n/g, ''), 'base64');

describe('a header with a certificate', () => {
  it.each([
    ['hex', HEX],
    ['hex in upper case with colons', FINGERPRINT],
    ['PEM, URL-encoded', encodeURIComponent(PEM)],
    ['PEM, with spaces encoded only', PEM.replaceAll('\n', '%0A').replaceAll(' ', '%20')],
  ])('is read as %s', (_form, value) => {
    expect(fromHeader(value)?.toString('hex')).toBe(HEX);
  });

  it.each([
    ['nothing', ''],
    ['too short', HEX.slice(2)],
    ['two of them', `${HEX}, ${HEX}`],
    ['two of PEM', `${encodeURIComponent(PEM)}, ${encodeURIComponent(PEM)}`],
    ['no certificate', 'NONE'],
    ['a bad escape', '%E0%A4%A'],
    ['far too long', 'a'.repeat(20_000)],
  ])('is no certificate with %s', (_what, value) => {
    expect(fromHeader(value)).toBeUndefined();
  });
});

describe('the certificate of a client', () => {
  it('is the one of the handshake', () => {
    expect(seen({ address: '192.0.2.1', der })).toBe(HEX);
    expect(seen({ address: '192.0.2.1' })).toBeUndefined();
  });

  it('is what a trusted proxy says it is', () => {
    expect(seen({ address: '10.1.2.3', header: HEX })).toBe(HEX);
    expect(seen({ address: '::ffff:10.1.2.3', header: HEX })).toBe(HEX);
  });

  it('is not what anybody else says it is', () => {
    expect(seen({ address: '192.0.2.1', header: HEX })).toBeUndefined();
    expect(seen({ address: '192.0.2.1', header: 'ab'.repeat(32), der })).toBe(HEX);
  });

  it('is not that of the proxy itself', () => {
    expect(seen({ address: '10.1.2.3', der })).toBeUndefined();
  });

  it('is in no header unless one is configured', () => {
    const certificates = new ClientCertificates(new TrustedProxies(['10.0.0.0/8']), undefined);
    expect(certificates.fingerprintOf(request({ address: '10.1.2.3', header: HEX }))).toBeUndefined();
  });
});
