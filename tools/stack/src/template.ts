import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { runOrFail } from '../setup/run-command.mjs';
import type { StateFolder } from './state-folder.js';

/** What makes one state folder like another; the rest (locks, logs, addresses) belongs to a run. */
const COPIED = new Set(['postgres', 'softhsm', 'secrets', 'tls', 'migrations']);

/** Copies a prepared state into one that is still empty. `cp` keeps the owners, which Postgres insists on. */
export async function copyTemplate(template: string, state: StateFolder): Promise<void> {
  const entries = readdirSync(template).filter((entry) => COPIED.has(entry));
  if ([...COPIED].some((entry) => existsSync(state.at(entry)))) return;
  await runOrFail(
    'cp',
    ['-Rp', ...entries.map((entry) => path.join(template, entry)), state.path],
    {},
    `The template ${template} could not be copied to ${state.path}.`,
  );
}
