import path from 'node:path';
import { NODE, ROOT } from './root.mjs';
import { run } from './run-command.mjs';
import { SetupError } from './root.mjs';

/**
 * Compiles the given packages and what they depend on, as far as something changed.
 * @param {string[]} packages folders such as `apps/gateway`; none means everything
 */
export async function build(packages = []) {
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  const { code, output } = await run(NODE, [tsc, '--build', ...packages], { cwd: ROOT });
  if (code !== 0) throw new SetupError('The build failed (tsc --build). What the compiler said is above.', output);
}
