import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { FetchRefused } from './fetch-refused.js';
import type { FetchRequest, FetchResponse } from './guarded-fetch.js';

export interface Exchange {
  url: URL;
  /** The only ones that are connected to. */
  addresses: readonly string[];
  request: FetchRequest;
  maxBytes: number;
  signal: AbortSignal;
}

/** One request over a connection of its own, to one of the addresses. */
export function exchange({ url, addresses, request, maxBytes, signal }: Exchange): Promise<FetchResponse> {
  const { method = 'GET', headers = {}, body } = request;
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const options: RequestOptions = {
    method,
    // Answers are taken as they come: nothing is unpacked, so nothing can grow.
    headers: { accept: 'application/json', 'user-agent': 'oneclaw', ...headers, 'accept-encoding': 'identity' },
    agent: false,
    lookup: pinned(addresses),
    signal,
    maxHeaderSize: 16 * 1024,
  };
  return new Promise((resolve, reject) => {
    const outgoing = send(url, options, (response) => {
      collect(response, maxBytes).then(resolve, (error: unknown) => {
        response.destroy();
        reject(error as Error);
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Answers what was found before, whatever the name resolves to by now. */
function pinned(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    const [first] = all;
    if (options.all) (callback as unknown as (error: null, found: typeof all) => void)(null, all);
    else callback(null, first?.address ?? '', first?.family ?? 4);
  };
}

async function collect(response: IncomingMessage, maxBytes: number): Promise<FetchResponse> {
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400) throw new FetchRefused('redirected');
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw new FetchRefused('too_large');
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw new FetchRefused('too_large');
    chunks.push(chunk);
  }
  const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
  return { status, headers: Object.fromEntries(headers) as Record<string, string>, body: Buffer.concat(chunks) };
}
