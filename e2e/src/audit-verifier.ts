import { spawnSync } from 'node:child_process';
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

/** What `npm run audit:verify` says about an export, given the public keys and earlier exports. */
export function judge(exported: string, keys: string, saved: readonly string[] = []): Judgement {
  const folder = mkdtempSync(path.join(tmpdir(), 'oneclaw-audit-'));
  try {
    const file = (name: string, content: string): string => {
      writeFileSync(path.join(folder, name), content);
      return path.join(folder, name);
    };
    const options = ['--key', file('keys.json', keys)];
    for (const [index, each] of saved.entries()) options.push('--saved', file(`saved-${index}`, each));
    const run = spawnSync(process.execPath, [VERIFIER, file('export.ndjson', exported), ...options]);
    return { exitCode: run.status, said: run.stdout.toString() + run.stderr.toString() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
