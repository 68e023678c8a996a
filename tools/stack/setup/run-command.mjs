import { spawn } from 'node:child_process';
import { SetupError } from './root.mjs';

const KEPT_CHARACTERS = 200_000;

/**
 * Runs a command quietly. Resolves with its exit code and everything it printed, standard error included.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    const keep = (chunk) => (output = (output + chunk).slice(-KEPT_CHARACTERS));
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('error', (error) => reject(new SetupError(`Cannot run ${command}: ${error.message}`)));
    child.on('close', (code, signal) => resolve({ code: signal ? 1 : (code ?? 1), output }));
  });
}

/** As `run`, for commands that must succeed. */
export async function runOrFail(command, args, options, failure) {
  const { code, output } = await run(command, args, options);
  if (code !== 0) throw new SetupError(failure, lastLines(output, 40));
  return output;
}

export function lastLines(text, count) {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
