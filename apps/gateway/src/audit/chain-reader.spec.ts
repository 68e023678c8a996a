import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ExportProgress, ReadExportResponse, VerifyChainResponse, VerifyProgress } from '@oneclaw/contracts/audit';
import { permissionDenied, unauthenticated, unavailable } from '@oneclaw/errors';
import type { SessionCall } from '../api/api-call.js';
import type { SessionsService } from '../sessions/sessions.service.js';
import type { AuditClients } from '../upstreams/audit-clients.js';
import { ChainReader } from './chain-reader.js';

const callOf = (orgId: string) => ({ requestId: 'r', assertion: 'first', session: { orgId } }) as SessionCall;
const call = callOf('org');
const verdict = { valid: true, eventsChecked: 3000, brokenAtEventId: '', checkpoint: undefined };
const answered = { chain_valid: true, events_checked: 3000 };

function verifyAnswer(next: number | 'done'): VerifyChainResponse {
  if (next === 'done') return { outcome: { $case: 'verdict', value: verdict } };
  return { outcome: { $case: 'progress', value: { newestPosition: next } as VerifyProgress } };
}

describe('a reader of chains', () => {
  let reader: ChainReader;
  let asked: [progress: number | undefined, assertion: string | undefined][];
  let verifications: (VerifyChainResponse | Error)[];
  let pages: (ReadExportResponse | Error)[];
  let renewals: (string | Error)[];

  beforeEach(() => {
    [asked, verifications, pages, renewals] = [[], [], [], []];
    const next = async <T>(from: (T | Error)[]): Promise<T> => {
      const found = from.shift()!;
      if (found instanceof Error) throw found;
      return found;
    };
    const chains = {
      verifyChain: ({ progress }: { progress?: VerifyProgress }, { assertion }: SessionCall) => {
        asked.push([progress?.newestPosition, assertion]);
        return next(verifications);
      },
      startExport: async () => ({ lines: Buffer.from('header\n'), progress: { position: 0 } as ExportProgress }),
      readExport: ({ progress }: { progress: ExportProgress }, { assertion }: SessionCall) => {
        asked.push([progress.position, assertion]);
        return next(pages);
      },
    };
    const sessions = { again: async (old: SessionCall) => ({ ...old, assertion: await next(renewals) }) };
    reader = new ChainReader({ chains } as unknown as AuditClients, sessions as unknown as SessionsService);
  });

  const page = (line: string, position?: number): ReadExportResponse => ({
    lines: Buffer.from(`${line}\n`),
    progress: position === undefined ? undefined : ({ position } as ExportProgress),
  });

  it('answers a verification at once that takes no long', async () => {
    verifications = [verifyAnswer(1), verifyAnswer('done')];
    expect(await reader.verify(call)).toMatchObject(answered);
    expect(asked).toEqual([
      [undefined, 'first'],
      [1, 'first'],
    ]);
  });

  it('begins with white space where it takes long, as who the caller is by then', async () => {
    reader.patienceMs = 0;
    verifications = [verifyAnswer(1), verifyAnswer(2), verifyAnswer('done')];
    renewals = ['second', 'third'];
    const body = await text((await reader.verify(call)) as Readable);
    expect(body).toMatch(/^ {2}\{/);
    expect(JSON.parse(body)).toEqual(answered);
    expect(asked).toEqual([
      [undefined, 'first'],
      [1, 'second'],
      [2, 'third'],
    ]);
  });

  it('breaks off a verification whose caller is nobody any more', async () => {
    reader.patienceMs = 0;
    verifications = [verifyAnswer(1)];
    renewals = [unauthenticated()];
    await expect(text((await reader.verify(call)) as Readable)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('asks again for a piece that cannot be had at the moment, a few times', async () => {
    [reader.patienceMs, reader.pauseMs] = [0, 0];
    verifications = [verifyAnswer(1), unavailable('Away.'), unavailable('Away.'), verifyAnswer('done')];
    renewals = ['second', 'third', 'fourth'];
    expect(JSON.parse(await text((await reader.verify(call)) as Readable))).toEqual(answered);
    expect(asked.map(([progress]) => progress)).toEqual([undefined, 1, 1, 1]);

    [asked, verifications] = [[], [verifyAnswer(1), ...Array.from({ length: 9 }, () => unavailable('Away.'))]];
    renewals = Array.from({ length: 9 }, () => 'again');
    await expect(text((await reader.verify(call)) as Readable)).rejects.toMatchObject({ code: 'unavailable' });
    expect(asked).toHaveLength(6);
  });

  it('refuses before the answer has begun', async () => {
    verifications = [permissionDenied('no')];
    await expect(reader.verify(call)).rejects.toMatchObject({ code: 'permission_denied' });
  });

  it('exports page by page, each when the one before is gone', async () => {
    renewals = ['second', 'third'];
    pages = [page('one', 500), page('two')];
    expect(await text(await reader.export(call, 0))).toBe('header\none\ntwo\n');
    expect(asked).toEqual([
      [0, 'second'],
      [500, 'third'],
    ]);
  });

  it('asks for no more than the client takes', async () => {
    renewals = Array.from({ length: 100 }, () => 'again');
    pages = Array.from({ length: 100 }, (_, index) => page('x'.repeat(100_000), index + 1));
    const stream = await reader.export(call, 0);
    const chunks = stream.iterator({ destroyOnReturn: false });
    await chunks.next();
    await chunks.next();
    expect(asked.length).toBeLessThan(5);
    stream.destroy();
  });

  it('breaks an export off that cannot be read to its end', async () => {
    renewals = ['second', 'third'];
    pages = [page('one', 500), permissionDenied('not any more')];
    await expect(text(await reader.export(call, 0))).rejects.toMatchObject({ code: 'permission_denied' });
  });

  it('reads two chains of an org at a time, and gives the place back however a reading ends', async () => {
    const open = await Promise.all([reader.export(call, 0), reader.export(call, 0)]);
    await expect(reader.export(call, 0)).rejects.toMatchObject({ code: 'rate_limited', retryAfterSeconds: 10 });
    const other = await reader.export(callOf('other'), 0);
    for (const stream of [...open, other]) {
      stream.destroy();
      await new Promise((resolve) => stream.once('close', resolve));
    }
    (await reader.export(call, 0)).destroy();
  });
});
