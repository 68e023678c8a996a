import http from 'node:http';
import { Answer } from './answer.js';
import { checkConventions } from './conventions.js';
import { checkDocumented, openApiOf } from './openapi.js';
import { checkShape } from './shapes.js';

export type Headers = Record<string, string | string[]>;

export interface ApiOptions {
  baseUrl: string;
  token?: string | undefined;
  /** The client's address as a trusted proxy would tell it, so that each world has throttles of its own. */
  ip?: string | undefined;
}

const TIMEOUT_MS = 30_000;
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

/**
 * An HTTP client that sends paths as they are (nothing is normalised, so that `..` arrives) and holds every answer
 * against the conventions of the contract, its exact shapes, and the OpenAPI document that the gateway serves.
 */
export class Api {
  constructor(private readonly options: ApiOptions) {}

  get baseUrl(): string {
    return this.options.baseUrl;
  }

  get token(): string | undefined {
    return this.options.token;
  }

  get ip(): string | undefined {
    return this.options.ip;
  }

  as(token: string | undefined): Api {
    return new Api({ ...this.options, token });
  }

  from(ip: string): Api {
    return new Api({ ...this.options, ip });
  }

  at(baseUrl: string): Api {
    return new Api({ ...this.options, baseUrl });
  }

  get(path: string, headers: Headers = {}): Promise<Answer> {
    return this.send('GET', path, undefined, headers);
  }

  post(path: string, body?: unknown, headers: Headers = {}): Promise<Answer> {
    return this.send('POST', path, body, headers);
  }

  put(path: string, body?: unknown, headers: Headers = {}): Promise<Answer> {
    return this.send('PUT', path, body, headers);
  }

  delete(path: string, headers: Headers = {}): Promise<Answer> {
    return this.send('DELETE', path, undefined, headers);
  }

  /** @param body undefined for none, a Buffer as it is, anything else as JSON */
  async send(method: string, path: string, body?: unknown, headers: Headers = {}): Promise<Answer> {
    const payload = body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    const answer = await this.exchange(method, path, payload, {
      ...(this.options.ip ? { 'x-forwarded-for': this.options.ip } : {}),
      ...(this.options.token === undefined ? {} : { authorization: `Bearer ${this.options.token}` }),
      ...(payload === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(payload.length) }),
      ...headers,
    });
    checkConventions(answer);
    const pathname = path.split('?')[0] ?? path;
    checkShape(method, path.includes('?versions=true') ? `${pathname}?versions` : pathname, answer);
    checkDocumented(await openApiOf(this.options.baseUrl), method, pathname, answer);
    return answer;
  }

  private exchange(method: string, path: string, payload: Buffer | undefined, headers: Headers): Promise<Answer> {
    const { hostname, port } = new URL(this.options.baseUrl);
    return new Promise((resolve, reject) => {
      const request = http.request(
        { agent, hostname, port, method, path, headers, timeout: TIMEOUT_MS },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve(new Answer(`${method} ${path}`, response.statusCode ?? 0, response.headers, Buffer.concat(chunks))),
          );
        },
      );
      request.on('error', reject);
      request.on('timeout', () => request.destroy(new Error(`${method} ${path}: no answer in ${TIMEOUT_MS} ms`)));
      request.end(payload);
    });
  }
}
