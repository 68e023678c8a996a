import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { DevCa, type TlsFiles } from './dev-ca.js';

let folder: string;
let ca: DevCa;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'oneclaw-ca-'));
  ca = await DevCa.open(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (files: TlsFiles) => ({
  ca: readFileSync(files.ca),
  cert: readFileSync(files.cert),
  key: readFileSync(files.key),
});

/** What each side sees of the other. */
async function handshake(server: TlsFiles, client: TlsFiles, servername: string) {
  const listener = tls.createServer({ ...read(server), requestCert: true, rejectUnauthorized: true });
  const accepted = new Promise<string>((resolve, reject) => {
    listener.on('secureConnection', (socket) => {
      resolve(socket.getPeerCertificate().subjectaltname ?? '');
      socket.on('error', () => undefined).end();
    });
    listener.on('tlsClientError', reject);
  });
  accepted.catch(() => undefined);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = listener.address() as AddressInfo;
    const socket = tls.connect({ ...read(client), host: '127.0.0.1', port, servername, minVersion: 'TLSv1.3' });
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    const names = { server: socket.getPeerCertificate().subjectaltname ?? '', client: await accepted };
    socket.destroy();
    return names;
  } finally {
    listener.close();
  }
}

describe('the development CA', () => {
  it('lets two services know each other by their names', async () => {
    const seen = await handshake(await ca.issue('vault-svc'), await ca.issue('gateway'), 'vault-svc');
    expect(seen.client).toContain('URI:oneclaw://gateway');
    expect(seen.server).toContain('URI:oneclaw://vault-svc');
    expect(seen.server).toContain('IP Address:127.0.0.1');
  });

  it('fails a client that expected another service', async () => {
    const [server, client] = [await ca.issue('vault-svc'), await ca.issue('gateway')];
    await expect(handshake(server, client, 'crypto-svc')).rejects.toThrow(/altnames/);
  });

  it('fails a client of another authority', async () => {
    const elsewhere = mkdtempSync(path.join(os.tmpdir(), 'oneclaw-ca-'));
    try {
      const foreign = await (await DevCa.open(elsewhere)).issue('gateway');
      const client = { ...foreign, ca: path.join(folder, 'ca.pem') };
      await expect(handshake(await ca.issue('vault-svc'), client, 'vault-svc')).rejects.toThrow();
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });

  it('keeps its certificates, and its keys to this user', async () => {
    const before = readFileSync((await ca.issue('audit-svc')).cert, 'utf8');
    const files = await (await DevCa.open(folder)).issue('audit-svc');
    expect(readFileSync(files.cert, 'utf8')).toBe(before);
    expect(statSync(files.key).mode & 0o077).toBe(0);
    const authority = new X509Certificate(readFileSync(files.ca));
    expect(new X509Certificate(before).verify(authority.publicKey)).toBe(true);
    expect(authority.ca).toBe(true);
  });
});
