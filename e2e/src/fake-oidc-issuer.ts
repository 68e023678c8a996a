import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An OpenID Connect issuer over plain HTTP on loopback with one Ed25519 key: discovery, its key set, and tokens with any claims. */
export class FakeOidcIssuer {
  private readonly server: Server;
  private readonly privateKey: KeyObject;

  private constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.privateKey = privateKey;
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'EdDSA', use: 'sig' };
    this.server = createServer((request, response) => {
      const documents: Record<string, object> = {
        '/.well-known/openid-configuration': { issuer: this.url, jwks_uri: `${this.url}/keys` },
        '/keys': { keys: [jwk] },
      };
      const document = documents[request.url ?? ''];
      response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(document ?? {}));
    });
  }

  static async start(): Promise<FakeOidcIssuer> {
    const issuer = new FakeOidcIssuer();
    await new Promise<void>((resolve) => issuer.server.listen(0, '127.0.0.1', resolve));
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Good for a minute unless the claims say otherwise. */
  token(claims: object): string {
    const now = Math.floor(Date.now() / 1000);
    const payload = encode({ iss: this.url, iat: now, exp: now + 60, ...claims });
    const input = `${encode({ alg: 'EdDSA', kid: 'one', typ: 'JWT' })}.${payload}`;
    return `${input}.${sign(null, Buffer.from(input), this.privateKey).toString('base64url')}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
