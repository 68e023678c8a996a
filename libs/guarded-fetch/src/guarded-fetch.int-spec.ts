import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FetchRefused } from './fetch-refused.js';
import { type FetchLimits, GuardedFetch } from './guarded-fetch.js';
import type { AddressResolver } from './resolver.js';
import { TargetRules } from './target-rules.js';

let server: Server;
let port: number;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let requests: IncomingMessage[];

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  requests = [];
  answer = (_request, response) => response.end('{"ok":true}');
});

/** Names as a hostile name server would answer them: another answer each time. */
class FakeNames implements AddressResolver {
  readonly asked: string[] = [];
  constructor(private readonly answers: string[][]) {}

  async resolve(host: string): Promise<string[]> {
    this.asked.push(host);
    return this.answers.shift() ?? [];
  }

  async lookup(host: string): Promise<string[]> {
    return this.resolve(host);
  }
}

const local = new TargetRules({ allowHttp: true, allowTargets: ['127.0.0.1'] });
const strict = new TargetRules({ allowHttp: true });
const fetcher = (rules: TargetRules, names: AddressResolver = new FakeNames([]), limits: Partial<FetchLimits> = {}) =>
  new GuardedFetch(rules, { timeoutMs: 2000, ...limits }, names);
const url = (host = '127.0.0.1', path = '/') => `http://${host}:${port}${path}`;
const reasonOf = (work: Promise<unknown>) =>
  work.then(
    () => 'answered',
    (error: FetchRefused) => error.reason,
  );

describe('a fetch', () => {
  it('answers status, headers and body, whatever the status', async () => {
    answer = (_request, response) => response.writeHead(404, { 'x-a': 'b' }).end('gone');
    const { status, headers, body } = await fetcher(local).fetch(url('127.0.0.1', '/a?b=c'));
    expect([status, headers['x-a'], body.toString()]).toEqual([404, 'b', 'gone']);
    expect([requests[0]!.url, requests[0]!.method, requests[0]!.headers['accept-encoding']]).toEqual([
      '/a?b=c',
      'GET',
      'identity',
    ]);
  });

  it('sends a body', async () => {
    let received = '';
    answer = (request, response) =>
      request.on('data', (chunk: Buffer) => (received += chunk.toString())).on('end', () => response.end());
    await fetcher(local).fetch(url(), {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    });
    expect([received, requests[0]!.headers['content-type']]).toEqual(['{"a":1}', 'application/json']);
  });

  it('follows no redirect', async () => {
    answer = (_request, response) => response.writeHead(307, { location: url('127.0.0.1', '/there') }).end();
    expect(await reasonOf(fetcher(local).fetch(url()))).toBe('redirected');
    expect(requests).toHaveLength(1);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['announced', (response) => response.writeHead(200, { 'content-length': 5000 }).end('x'.repeat(5000))],
    ['dribbled', (response) => Array.from({ length: 50 }, () => response.write('x'.repeat(100)))],
  ])('takes no more than it may where more is %s', async (_how, respond) => {
    answer = (_request, response) => respond(response);
    expect(await reasonOf(fetcher(local, undefined, { maxBytes: 1000 }).fetch(url()))).toBe('too_large');
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['nothing comes', () => undefined],
    ['the body never ends', (response) => response.write('{')],
  ])('ends in time where %s', async (_what, respond) => {
    answer = (_request, response) => respond(response);
    expect(await reasonOf(fetcher(local, undefined, { timeoutMs: 150 }).fetch(url()))).toBe('timed_out');
  });

  it('ends in time where the name server does not answer', async () => {
    const names: AddressResolver = {
      resolve: () => new Promise(() => undefined),
      lookup: () => new Promise(() => undefined),
    };
    expect(await reasonOf(fetcher(strict, names, { timeoutMs: 100 }).fetch(url('slow.test')))).toBe('timed_out');
  });

  it('is refused beyond what may be under way at once, and not any more afterwards', async () => {
    answer = () => undefined;
    const narrow = fetcher(local, undefined, { maxInFlight: 2, timeoutMs: 150 });
    const reasons = await Promise.all([1, 2, 3].map(() => reasonOf(narrow.fetch(url()))));
    expect(reasons.sort()).toEqual(['busy', 'timed_out', 'timed_out']);
    answer = (_request, response) => response.end();
    expect(await reasonOf(narrow.fetch(url()))).toBe('answered');
  });

  it('fails where nobody listens, and where TLS is spoken to somebody who does not', async () => {
    expect(await reasonOf(fetcher(local).fetch('http://127.0.0.1:1/'))).toBe('failed');
    expect(await reasonOf(fetcher(local).fetch(`https://127.0.0.1:${port}/`))).toBe('failed');
  });
});

describe('the target of a fetch', () => {
  it.each([
    '127.0.0.1',
    '0x7f.1',
    '2130706433',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '169.254.169.254',
    '10.0.0.1',
    '0.0.0.0',
  ])('is not %s', async (host) => {
    expect(await reasonOf(fetcher(strict).fetch(url(host)))).toBe('forbidden_target');
    expect(requests).toEqual([]);
  });

  it('is no name that resolves to our own network, not even among others', async () => {
    for (const addresses of [['127.0.0.1'], ['1.1.1.1', '127.0.0.1'], ['2606:4700::1111', '::1']])
      expect(await reasonOf(fetcher(strict, new FakeNames([addresses])).fetch(url('evil.test')))).toBe(
        'forbidden_target',
      );
    expect(requests).toEqual([]);
  });

  it('is what the name resolved to when it was checked', async () => {
    const names = new FakeNames([['127.0.0.1'], ['10.9.9.9']]);
    await fetcher(local, names).fetch(url('rebinding.test'));
    expect(names.asked).toEqual(['rebinding.test']);
    expect(requests[0]!.headers.host).toBe(`rebinding.test:${port}`);
  });

  it('may be a name that the configuration vouches for, whatever it resolves to', async () => {
    const vouched = new TargetRules({ allowHttp: true, allowTargets: ['issuer'] });
    expect(await reasonOf(fetcher(vouched, new FakeNames([['127.0.0.1']])).fetch(url('issuer')))).toBe('answered');
  });

  it('is nothing where the name is unknown', async () => {
    expect(await reasonOf(fetcher(strict, new FakeNames([])).fetch(url('nowhere.test')))).toBe('unknown_host');
  });
});
