import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Compiles a source of `native/`, with `cc`: who could install pkcs11js has a compiler, and PKCS#11's headers are there too.
 * @param definitions macros that are strings
 */
export function compileSharedObject(
  source: string,
  output: string,
  definitions: Readonly<Record<string, string>>,
): void {
  const file = fileURLToPath(new URL(`../native/${source}`, import.meta.url));
  const headers = join(dirname(createRequire(import.meta.url).resolve('pkcs11js')), 'includes');
  const macros = Object.entries(definitions).map(([name, value]) => `-D${name}="${value}"`);
  const { status, stderr, error } = spawnSync(
    'cc',
    ['-shared', '-fPIC', '-O1', ...macros, `-I${headers}`, '-o', output, file, '-ldl'],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${source} does not compile: ${error?.message ?? stderr}`);
}
