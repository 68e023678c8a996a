import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the key set is answered; `serve` is as it should be. */
export type JwksBehaviour = 'serve' | 'hang' | 'fail' | 'huge' | 'redirect' | 'nonsense';

interface IssuerKey {
  kid: string;
  publicKey: KeyObject;
  privateKey: KeyObject;
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * An OpenID provider on loopback: a key set over real HTTP, and ID tokens that it signs for whomever one likes. It has no login
 * page and no other endpoint, and its keys are 2048-bit RSA in memory.
 */
export class FakeOidcIssuer {
  behaviour: JwksBehaviour = 'serve';
  /** How often the key set was asked for. */
  fetches = 0;
  private keys: IssuerKey[] = [newKey()];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => this.answer(request.url ?? '', response));
  }

  static async start(): Promise<FakeOidcIssuer> {
    const issuer = new FakeOidcIssuer();
    await new Promise<void>((resolve) => issuer.server.listen(0, '127.0.0.1', resolve));
    return issuer;
  }

  /** Its `iss`. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get jwksUrl(): string {
    return `${this.url}/jwks.json`;
  }

  get current(): IssuerKey {
    return this.keys.at(-1) as IssuerKey;
  }

  /** Signs with another key from now on; the old one stays in the set. */
  rotate(): void {
    this.keys.push(newKey());
  }

  /** RS256 under the current key, unless the header or the key says otherwise. Valid for five minutes from now. */
  token(
    claims: object,
    { header = {}, key = this.current.privateKey }: { header?: object; key?: KeyObject } = {},
  ): string {
    const now = Math.floor(Date.now() / 1000);
    const fullHeader = { alg: 'RS256', typ: 'JWT', kid: this.current.kid, ...header };
    const signed = `${encode(fullHeader)}.${encode({ iss: this.url, iat: now, exp: now + 300, ...claims })}`;
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(path: string, response: ServerResponse): void {
    if (path === '/.well-known/openid-configuration') {
      return void json(response, { issuer: this.url, jwks_uri: this.jwksUrl });
    }
    if (path !== '/jwks.json') return void response.writeHead(404).end();
    this.fetches += 1;
    switch (this.behaviour) {
      case 'serve':
        return void json(response, { keys: this.keys.map(toJwk) });
      case 'hang':
        return;
      case 'fail':
        return void response.writeHead(500).end();
      case 'huge':
        return void json(response, { keys: this.keys.map(toJwk), padding: 'x'.repeat(2 ** 20) });
      case 'redirect':
        return void response.writeHead(302, { location: `${this.url}/jwks.json?again` }).end();
      case 'nonsense':
        return void json(response, { keys: 'none' });
    }
  }
}

function newKey(): IssuerKey {
  return { kid: randomUUID(), ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
}

function toJwk({ kid, publicKey }: IssuerKey): object {
  return { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' };
}

function json(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
