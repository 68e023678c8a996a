import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Api } from './client.js';

const VERIFIER = fileURLToPath(new URL('../../tools/audit-verify/main.mjs', import.meta.url));

/** The auditor's copy of a trail. */
export async function exportOf(api: Api, query = ''): Promise<string> {
  const answer = await api.get(`/v1/audit/export${query}`);
  if (answer.status !== 200) throw new Error(`${answer.request} answered ${answer.status}: ${answer.text}`);
  return answer.text;
}

export interface Judgement {
  /** 0 whole and vouched for, 1 changed, 2 misused, 3 whole and not vouched for. */
  exitCode: number | null;
  said: string;
}

/**
 * What `npm run audit:verify` says about an export, given the public keys and earlier exports. Not waited for with the process at a
 * standstill: proxies in it are the network of a whole stack.
 */
export async function judge(exported: string, keys: string, saved: readonly string[] = []): Promise<Judgement> {
  const folder = mkdtempSync(path.join(tmpdir(), 'oneclaw-audit-'));
  try {
    const file = (name: string, content: string): string => {
      writeFileSync(path.join(folder, name), content);
      return path.join(folder, name);
    };
    const options = ['--key', file('keys.json', keys)];
    for (const [index, each] of saved.entries()) options.push('--saved', file(`saved-${index}`, each));
    const run = spawn(process.execPath, [VERIFIER, file('export.ndjson', exported), ...options]);
    const said: Buffer[] = [];
    for (const stream of [run.stdout, run.stderr]) stream.on('data', (piece: Buffer) => said.push(piece));
    const [exitCode] = (await once(run, 'close')) as [number | null];
    return { exitCode, said: Buffer.concat(said).toString() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
