import { randomInt } from 'node:crypto';

/** The few calls that seed a benchmark's world, through the public API. */
export class Api {
  constructor(
    private readonly baseUrl: string,
    private readonly token?: string,
  ) {}

  withToken(token: string): Api {
    return new Api(this.baseUrl, token);
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.baseUrl + path, {
      method,
      headers: {
        // The bench comes as a trusted proxy would, from many clients.
        'x-forwarded-for': `10.1.${randomInt(256)}.${randomInt(256)}`,
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 300)}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** Reads an answer of any size without keeping it; answers its length in bytes. */
  async download(path: string): Promise<number> {
    const headers = this.token ? { authorization: `Bearer ${this.token}` } : undefined;
    const response = await fetch(this.baseUrl + path, headers ? { headers } : {});
    if (!response.ok || !response.body) throw new Error(`GET ${path} answered ${response.status}`);
    let bytes = 0;
    for await (const chunk of response.body) bytes += chunk.length;
    return bytes;
  }
}
