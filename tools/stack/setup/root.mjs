import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[/\\]$/, '');

/** The Node that is pinned in package.json; exists once dependencies are installed. */
export const NODE = path.join(ROOT, 'node_modules/node/bin/node');

/** What a person can mend: printed as it is, without a stack trace. */
export class SetupError extends Error {
  /** @param {string} message @param {string} [output] the tail of what a command printed */
  constructor(message, output) {
    super(message);
    this.name = 'SetupError';
    this.output = output;
  }
}

export function requireNode(major) {
  if (Number.parseInt(process.versions.node, 10) >= major) return;
  throw new SetupError(
    `This needs Node ${major} or newer; this is Node ${process.versions.node}. See https://nodejs.org`,
  );
}

/** Runs a command-line entry point; a SetupError becomes a clear sentence and exit code 1. */
export async function main(run) {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'SetupError') throw error;
    if (error.output) process.stderr.write(`\n${error.output.trimEnd()}\n`);
    process.stderr.write(`\n${error.message}\n`);
    process.exitCode = 1;
  }
}
