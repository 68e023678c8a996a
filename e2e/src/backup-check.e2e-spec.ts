import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceName, Stack } from '@oneclaw/stack';
import { asSuperuser } from './faults/database.js';
import { gatewayOf, ownStack } from './stacks.js';
import { trailWith } from './trail.js';
import { newOwner, type Owner, registerAgent, secretUrl } from './world.js';

const COMMAND = fileURLToPath(new URL('../../tools/backup.mjs', import.meta.url));

let stack: Stack;
let owner: Owner;
let vaultId: string;
let folder: string;
/** Checkpoints of every chain, kept elsewhere. */
let saved: string;

beforeAll(async () => {
  stack = await ownStack();
  folder = mkdtempSync(join(tmpdir(), 'oneclaw-backup-check-'));
  owner = await newOwner(gatewayOf(stack));
  vaultId = (await owner.api.post('/v1/vaults', { name: 'kept' })).as<{ id: string }>(201).id;
  for (const path of ['older', 'newest'])
    (await owner.api.put(secretUrl({ id: vaultId }, path), { value: 'v' })).as(201);
  // The system's own vault, with secrets that no caller reads.
  await registerAgent(owner);
  await trailWith(owner.api, ({ action }) => action === 'secret.write');
  saved = join(folder, 'checkpoints.ndjson');
  const { code, printed } = await command('checkpoints', '--audit-env', envOf('audit-svc'), '--out', saved);
  expect(printed).toContain('2 checkpoints saved, 0 chains without one.');
  expect(code).toBe(0);
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await stack?.stop();
});

interface Outcome {
  code: number;
  printed: string;
}

const envOf = (service: ServiceName): string => stack.state.at('env', `${service}.env`);

function command(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, printed: stdout + stderr }),
    );
  });
}

function check(checkpoints = saved, ...options: string[]): Promise<Outcome> {
  const env = ['--vault-env', envOf('vault-svc'), '--audit-env', envOf('audit-svc')];
  return command('check', ...env, '--saved', checkpoints, ...options);
}

/** Changes rows by `damage`, asks, and changes them back by `repair`. */
async function whenDamaged(
  service: ServiceName,
  damage: string,
  repair = damage,
  look = () => check(),
): Promise<Outcome> {
  await asSuperuser(stack, service, (client) => client.query(damage));
  try {
    return await look();
  } finally {
    await asSuperuser(stack, service, (client) => client.query(repair));
  }
}

const flip = (column: string): string => `${column} = set_byte(${column}, 20, get_byte(${column}, 20) # 1)`;

describe('the check of a backup', () => {
  it('calls good what opens and is vouched for', async () => {
    const { code, printed } = await check();
    expect(printed).toContain('2 vaults, 2 KEKs, 2 secrets opened, 0 faults.');
    expect(printed).toMatch(/\d+ chains, \d+ events, 2 saved checkpoints, 0 faults\.\nThe backup is good\./);
    expect(code).toBe(0);
  });

  it('does not call good a backup whose KEK does not unwrap, and names the vault', async () => {
    const { code, printed } = await whenDamaged(
      'vault-svc',
      `UPDATE vault_keks SET ${flip('wrapped')} WHERE vault_id = '${vaultId}'`,
    );
    expect(printed).toMatch(new RegExp(`BAD: KEK [0-9a-f-]+ of vault ${vaultId} does not unwrap\\.`));
    expect(printed).toContain('The backup is NOT good.');
    expect(code).toBe(1);
  });

  it('does not call good a backup whose secret does not open, and names the secret', async () => {
    const damage = `UPDATE secret_versions SET ${flip('sealed_value')}
      WHERE secret_id IN (SELECT id FROM secrets WHERE vault_id = '${vaultId}' AND path = 'newest')`;
    const { code, printed } = await whenDamaged('vault-svc', damage);
    expect(printed).toMatch(new RegExp(`BAD: version 1 of secret [0-9a-f-]+ in vault ${vaultId} does not open\\.`));
    expect(code).toBe(1);
  });

  it('opens every secret where it is told to', async () => {
    const sound = await check(saved, '--every-secret');
    expect(sound.printed).toContain('2 vaults, 2 KEKs, 4 secrets opened, 0 faults.');
    expect(sound.code).toBe(0);
    const damage = `UPDATE secret_versions SET ${flip('sealed_value')}
      WHERE secret_id IN (SELECT id FROM secrets WHERE vault_id = '${vaultId}' AND path = 'older')`;
    const all = await whenDamaged('vault-svc', damage, damage, () => check(saved, '--every-secret'));
    expect(all.printed).toMatch(new RegExp(`BAD: version 1 of secret [0-9a-f-]+ in vault ${vaultId} does not open\\.`));
    expect(all.code).toBe(1);
  });

  it('does not call good a backup whose trail was changed', async () => {
    const where = `WHERE org_id = '${owner.orgId}' AND position = 1`;
    const { code, printed } = await whenDamaged(
      'audit-svc',
      `UPDATE events SET action = action || 'x' ${where}`,
      `UPDATE events SET action = left(action, -1) ${where}`,
    );
    expect(printed).toContain(`BAD: the chain of org ${owner.orgId} breaks at event`);
    expect(code).toBe(1);
  });

  it('does not call good a trail that no checkpoint kept elsewhere vouches for', async () => {
    const none = join(folder, 'none.ndjson');
    writeFileSync(none, '');
    const { code, printed } = await check(none);
    expect(printed).toContain(`BAD: org ${owner.orgId} has a trail, and no checkpoint of it was given.`);
    expect(code).toBe(1);
  });

  it('does not call good a trail that is older than the checkpoints that were kept, and is not among them', async () => {
    const others = join(folder, 'others.ndjson');
    const lines = readFileSync(saved, 'utf8').split('\n');
    writeFileSync(others, lines.filter((line) => !line.includes(owner.orgId)).join('\n'));
    const first = `WHERE org_id = '${owner.orgId}' AND position = 1`;
    const { code, printed } = await whenDamaged(
      'audit-svc',
      `UPDATE events SET created_at = created_at - interval '1 hour' ${first}`,
      `UPDATE events SET created_at = created_at + interval '1 hour' ${first}`,
      () => check(others),
    );
    expect(printed).toContain(`BAD: org ${owner.orgId} has a trail, and no checkpoint of it was given.`);
    expect(code).toBe(1);
  });

  it('calls good a backup with an org that came after the checkpoints were kept, and names it', async () => {
    const newcomer = await newOwner(gatewayOf(stack));
    await trailWith(newcomer.api, () => true);
    const { code, printed } = await check();
    expect(printed).toContain(`NEW: the trail of org ${newcomer.orgId} began after the checkpoints were kept`);
    expect(printed).toContain('The backup is good.');
    expect(code).toBe(0);
  });

  it('does not call good a trail that is shorter than what was signed', async () => {
    const events = `SELECT * FROM events WHERE org_id = '${owner.orgId}' ORDER BY position DESC LIMIT 1`;
    const heads = `org_id = '${owner.orgId}'`;
    const { code, printed } = await whenDamaged(
      'audit-svc',
      `CREATE TABLE kept_event AS ${events}; CREATE TABLE kept_head AS SELECT * FROM chain_heads WHERE ${heads};
       CREATE TABLE kept_checkpoints AS SELECT * FROM checkpoints WHERE ${heads};
       DELETE FROM checkpoints WHERE ${heads};
       UPDATE chain_heads SET position = prev.position, event_id = prev.id, integrity_hash = prev.integrity_hash
       FROM events prev, kept_event cut
       WHERE chain_heads.${heads} AND prev.org_id = cut.org_id AND prev.position = cut.position - 1;
       DELETE FROM events WHERE id IN (SELECT id FROM kept_event)`,
      `INSERT INTO events SELECT * FROM kept_event; DELETE FROM chain_heads WHERE ${heads};
       INSERT INTO chain_heads SELECT * FROM kept_head; INSERT INTO checkpoints SELECT * FROM kept_checkpoints;
       DROP TABLE kept_event, kept_head, kept_checkpoints`,
    );
    expect(printed).toMatch(
      new RegExp(`BAD: the chain of org ${owner.orgId} ends before position \\d+, which was signed`),
    );
    expect(code).toBe(1);
  });

  it('has no verdict while crypto-svc does not answer', async () => {
    await stack.service('crypto-svc').kill();
    const { code, printed } = await check();
    await stack.service('crypto-svc').start();
    expect(printed).toContain('Whether the backup is good could not be found out.');
    expect(code).toBe(2);
  });
});
