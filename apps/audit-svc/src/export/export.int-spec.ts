import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Caller } from '@oneclaw/caller';
import { execute } from '@oneclaw/database';
import type { CallContext } from '@oneclaw/rpc';
import { createLogger } from '@oneclaw/telemetry';
import { v7 as uuidv7 } from 'uuid';
import { ChainAccess } from '../chain/chain-access.js';
import type { CheckpointSigner } from '../checkpoints/checkpoints.service.js';
import { TestTrail, someEvent } from '../test-trail.js';
import { ExportService } from './export.service.js';

const VERIFIER = fileURLToPath(new URL('../../../../tools/audit-verify/main.mjs', import.meta.url));
const call = { requestId: 'r-1', clientIp: '192.0.2.7' } as CallContext;
const logger = createLogger({ service: 'test', level: 'silent' });

describe('an export', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oneclaw-export-'));
  const keys = join(folder, 'keys.json');
  let trail: TestTrail;
  let exports: ExportService;
  let org: string;
  let owner: Caller;

  beforeAll(async () => {
    trail = await TestTrail.create();
    exports = exporter();
    writeFileSync(keys, JSON.stringify({ keys: [trail.signer.jwk] }));
  });

  afterAll(async () => {
    await trail.dispose();
    rmSync(folder, { recursive: true });
  });

  beforeEach(() => {
    org = uuidv7();
    owner = { type: 'user', id: uuidv7(), orgId: org, role: 'owner' } as Caller;
  });

  function exporter(signer?: CheckpointSigner): ExportService {
    const access = new ChainAccess(trail.dataSource, trail.service);
    const checkpoints = signer ? trail.replica(trail.dataSource, signer) : trail.checkpoints;
    return new ExportService(trail.dataSource, access, trail.chains, trail.checkpointsRepository, checkpoints, logger);
  }

  const grow = (count: number) => trail.append(Array.from({ length: count }, () => someEvent(org)));
  const linesOf = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; position: number; action?: string; id: string });

  async function exported(after = 0, service = exports): Promise<string> {
    const { lines, progress } = await service.start(owner, after, call);
    let text = lines;
    for (let from = progress; from;) {
      const page = await service.read(owner, from, call);
      text += page.lines;
      from = page.progress;
    }
    return text;
  }

  /** The command's exit code and what it said. */
  function verify(text: string, ...saved: string[]): [number | null, string] {
    const write = (content: string, name: string) => (writeFileSync(join(folder, name), content), join(folder, name));
    const files = saved.flatMap((each, index) => ['--saved', write(each, `saved-${index}`)]);
    const run = spawnSync(process.execPath, [VERIFIER, write(text, 'export'), '--key', keys, ...files]);
    return [run.status, run.stdout.toString() + run.stderr.toString()];
  }

  it('is what the offline verifier calls whole and vouched for, its own event included', async () => {
    await grow(3);
    await trail.checkpoints.signNow(org);
    await trail.append([
      someEvent(org, {
        details: '{ "b":1,\n"a" : "\\u0000 ü \\ud83d\\ude00" }',
        createdAtMicros: 1_767_323_045_678_901,
      }),
    ]);
    const text = await exported();
    expect(verify(text)).toEqual([0, expect.stringContaining('5 events, positions 1 to 5, form one whole chain.')]);
    const lines = linesOf(text);
    expect(lines.map(({ type }) => type)).toEqual([
      'header',
      'event',
      'event',
      'event',
      'checkpoint',
      'event',
      'event',
      'checkpoint',
      'end',
    ]);
    expect(lines[6]).toMatchObject({
      action: 'audit.export',
      details_json: '{"after_position":0}',
      actor_id: owner.id,
    });
  });

  it('of a long chain comes in pages, and leaves out what was added since', async () => {
    await grow(1200);
    const { progress } = await exports.start(owner, 0, call);
    await grow(300);
    const pages: string[] = [];
    for (let from = progress; from;) {
      const page = await exports.read(owner, from, call);
      pages.push(page.lines);
      from = page.progress;
    }
    expect(pages.map((page) => linesOf(page).length)).toEqual([500, 500, 203]);
    expect(
      linesOf(pages.at(-1)!)
        .map(({ type }) => type)
        .slice(-3),
    ).toEqual(['event', 'checkpoint', 'end']);
  });

  it('of what came behind an earlier one stands for itself', async () => {
    await grow(3);
    const first = await exported();
    await grow(3);
    const second = await exported(4);
    expect(linesOf(second).filter(({ type }) => type === 'event')).toHaveLength(4);
    expect(verify(second, first)).toEqual([0, expect.stringContaining('4 events, positions 5 to 8, form one whole')]);
  });

  it('refuses to begin behind the end, and does not say that it happened', async () => {
    await grow(2);
    await expect(exports.start(owner, 3, call)).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(await trail.read(org)).toHaveLength(2);
  });

  it('without the HSM goes out, and is not called vouched for', async () => {
    await grow(2);
    const away: CheckpointSigner = { signCheckpoints: () => Promise.reject(new Error('no HSM')) };
    const text = await exported(0, exporter(away));
    expect(verify(text)).toEqual([
      3,
      expect.stringContaining('NOT VOUCHED FOR: no checkpoint covers the events behind position 0'),
    ]);
  });

  it.each([
    ['a member', { role: 'member' }],
    ['an agent', { type: 'agent', role: undefined }],
  ])('is refused to %s, and the refusal is in the trail', async (_, change) => {
    const caller = { ...owner, ...change } as Caller;
    await expect(exports.start(caller, 0, call)).rejects.toMatchObject({ code: 'permission_denied' });
    expect(await trail.read(org)).toEqual([
      expect.objectContaining({
        action: 'audit.export',
        actorId: caller.id,
        details: '{"outcome":"denied","reason":"Only an owner or admin of the org may do this."}',
        ipAddress: call.clientIp,
        requestId: call.requestId,
      }),
    ]);
  });

  describe('shows the offline verifier that somebody', () => {
    const tampering: [string, string, boolean][] = [
      ['edited an event', `UPDATE events SET action = 'secret.list' WHERE org_id = $1 AND position = 2`, false],
      ['deleted an event', 'DELETE FROM events WHERE org_id = $1 AND position = 2', false],
      [
        'edited an event and recomputed the chain',
        `UPDATE events SET action = 'x' WHERE org_id = $1 AND position = 2`,
        true,
      ],
      ['deleted an event and recomputed the chain', 'DELETE FROM events WHERE org_id = $1 AND position = 2', true],
      ['cut the tail and turned the head back', 'DELETE FROM events WHERE org_id = $1 AND position > 3', true],
      ['moved a time', `UPDATE events SET created_at = 'infinity' WHERE org_id = $1 AND position = 2`, false],
      ['changed a checkpoint', `UPDATE checkpoints SET integrity_hash = sha256('x') WHERE org_id = $1`, false],
    ];

    it.each(tampering)('%s', async (_, statement, recompute) => {
      await grow(5);
      await trail.checkpoints.signNow(org);
      await execute(trail.owner, statement, [org]);
      if (recompute) await trail.recompute(org);
      expect(verify(await exported())).toEqual([1, expect.stringContaining('CHANGED')]);
    });

    it('recomputed all of it and deleted the checkpoints, by an export from before', async () => {
      await grow(5);
      const before = await exported();
      await execute(trail.owner, `UPDATE events SET action = 'x' WHERE org_id = $1 AND position = 2`, [org]);
      await execute(trail.owner, 'DELETE FROM checkpoints WHERE org_id = $1', [org]);
      await trail.recompute(org);
      const after = await exported();
      expect(verify(after)[0]).toBe(0);
      expect(verify(after, before)).toEqual([1, expect.stringContaining('departs from a saved checkpoint')]);
    });
  });
});
