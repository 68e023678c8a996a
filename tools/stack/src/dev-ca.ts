import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const CA_DAYS = 3650;
const CERTIFICATE_DAYS = 365;
const RENEW_DAYS = 30;

export interface TlsFiles {
  ca: string;
  cert: string;
  key: string;
}

/**
 * A certificate authority for one machine: PEM files in a folder, a certificate per service. Services know each other
 * by the URI name `oneclaw://<service>`. For development and tests; its key lies beside the certificates.
 */
export class DevCa {
  private constructor(
    private readonly folder: string,
    private readonly certificate: x509.X509Certificate,
    private readonly key: webcrypto.CryptoKey,
  ) {}

  static async open(folder: string): Promise<DevCa> {
    const [certFile, keyFile] = [path.join(folder, 'ca.pem'), path.join(folder, 'ca.key')];
    if (existsSync(certFile) && existsSync(keyFile)) {
      const key = await importKey(readFileSync(keyFile, 'utf8'));
      return new DevCa(folder, new x509.X509Certificate(readFileSync(certFile, 'utf8')), key);
    }
    // Certificates of a lost authority are worth nothing.
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: 'CN=OneClaw development CA',
      keys,
      signingAlgorithm: ALGORITHM,
      ...validity(CA_DAYS),
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    writeFileSync(keyFile, await exportKey(keys.privateKey), { mode: 0o600 });
    writeFileSync(certFile, `${certificate.toString('pem')}\n`);
    return new DevCa(folder, certificate, keys.privateKey);
  }

  /** The files of a service's certificate, for both sides of a connection; made or renewed when needed. */
  async issue(service: string): Promise<TlsFiles> {
    const files = {
      ca: path.join(this.folder, 'ca.pem'),
      cert: path.join(this.folder, `${service}.pem`),
      key: path.join(this.folder, `${service}.key`),
    };
    if (this.stillGood(files)) return files;
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.create({
      subject: `CN=${service}`,
      issuer: this.certificate.subject,
      publicKey: keys.publicKey,
      signingKey: this.key,
      signingAlgorithm: ALGORITHM,
      ...validity(CERTIFICATE_DAYS),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
        new x509.SubjectAlternativeNameExtension([
          { type: 'url', value: `oneclaw://${service}` },
          { type: 'dns', value: service },
          { type: 'dns', value: 'localhost' },
          { type: 'ip', value: '127.0.0.1' },
        ]),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(this.certificate),
      ],
    });
    writeFileSync(files.key, await exportKey(keys.privateKey), { mode: 0o600 });
    writeFileSync(files.cert, `${certificate.toString('pem')}\n`);
    return files;
  }

  private stillGood(files: TlsFiles): boolean {
    if (!existsSync(files.cert) || !existsSync(files.key)) return false;
    const certificate = new x509.X509Certificate(readFileSync(files.cert, 'utf8'));
    return certificate.notAfter.getTime() > Date.now() + RENEW_DAYS * DAY_MS;
  }
}

/** From a moment ago, for clocks that differ a little. */
function validity(days: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - 5 * 60_000), notAfter: new Date(now + days * DAY_MS) };
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), ALGORITHM, true, ['sign']);
}
