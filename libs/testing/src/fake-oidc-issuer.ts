import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

interface IssuerKey {
  kid: string;
  alg: string;
  privateKey: CryptoKey;
  jwk: JWK;
}

/** What the issuer does instead of answering well. */
export type Misbehaviour =
  'hangs' | 'redirects' | 'is_huge' | 'is_no_json' | 'names_another' | 'is_down' | 'has_no_discovery';

/** An OpenID Connect issuer over plain HTTP on loopback: discovery, keys, and tokens for whoever asks, with any claims. */
export class FakeOidcIssuer {
  readonly requests: string[] = [];
  misbehaves: Misbehaviour | undefined;
  private keys: IssuerKey[] = [];
  private readonly server: Server;
  private counter = 0;

  private constructor() {
    this.server = createServer((request, response) => this.answer(request, response));
  }

  static async start(): Promise<FakeOidcIssuer> {
    const issuer = new FakeOidcIssuer();
    await new Promise<void>((resolve) => issuer.server.listen(0, '127.0.0.1', resolve));
    await issuer.newKey();
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/realm`;
  }

  get jwksUrl(): string {
    return `${this.url}/jwks`;
  }

  /** Signs from now on; the ones before stay published unless told. */
  async newKey(alg = 'ES256', { keepsOld = true } = {}): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const kid = `key-${(this.counter += 1)}`;
    const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
    this.keys = [{ kid, alg, privateKey, jwk }, ...(keepsOld ? this.keys : [])];
  }

  get publicJwk(): JWK {
    return this.key.jwk;
  }

  /** Of a client, good for a minute unless the claims say otherwise; `undefined` leaves a claim out. */
  async token(claims: object, header: Record<string, unknown> = {}): Promise<string> {
    const { kid, alg, privateKey } = this.key;
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ iss: this.url, iat: now, exp: now + 60, ...claims })
      .setProtectedHeader({ alg, kid, typ: 'JWT', ...header })
      .sign(privateKey);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private get key(): IssuerKey {
    return this.keys[0] as IssuerKey;
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '';
    this.requests.push(path);
    const { misbehaves } = this;
    if (misbehaves === 'hangs') return;
    if (misbehaves === 'redirects') return void response.writeHead(302, { location: `${this.url}/elsewhere` }).end();
    if (misbehaves === 'is_huge') return void response.end('x'.repeat(1024 * 1024));
    if (misbehaves === 'is_no_json') return void response.end('<html>');
    if (misbehaves === 'is_down') return void response.writeHead(500).end();
    const issuer = misbehaves === 'names_another' ? 'https://another.test' : this.url;
    const keySet = { keys: this.keys.map(({ jwk }) => jwk) };
    const documents: Record<string, object> =
      misbehaves === 'has_no_discovery'
        ? { '/realm/.well-known/jwks.json': keySet }
        : {
            '/realm/.well-known/openid-configuration': { issuer, jwks_uri: this.jwksUrl },
            '/realm/jwks': keySet,
          };
    const document = documents[path];
    response
      .writeHead(document ? 200 : 404, { 'content-type': 'application/json' })
      .end(JSON.stringify(document ?? {}));
  }
}
