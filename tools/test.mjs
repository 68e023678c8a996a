import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { build } from './stack/setup/build.mjs';
import { packageFolder, prepare, STACK_PACKAGES, toolEnvironment } from './stack/setup/prepare.mjs';
import { Progress } from './stack/setup/progress.mjs';
import { main, NODE, requireNode, ROOT } from './stack/setup/root.mjs';
import { lastLines, run } from './stack/setup/run-command.mjs';

const OPENAPI = 'apps/gateway/dist/openapi/write.js';

const progress = new Progress();
const total = { passed: 0, failed: 0 };

/**
 * `npm test`: everything that has to hold before a change is good, from a fresh clone, on a stack of its own.
 * `npm test -- <package or pattern>` runs the tests of one package, or those whose path or name matches.
 */
await main(async () => {
  const narrow = process.argv.slice(2).join(' ').trim();
  try {
    requireNode(20);
    await prepare(progress, undefined, { browser: true });
    if (narrow === '') await everything();
    else await some(narrow);
  } catch (error) {
    total.failed += 1;
    throw error;
  } finally {
    process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
    process.exitCode = total.failed > 0 ? 1 : 0;
  }
});

async function everything() {
  await check('format', 'prettier', ['--check', '--cache', '--log-level', 'warn', '.']);
  await checkThat('types', () => build());
  await check('lint', 'eslint', ['--max-warnings', '0', '.']);
  await check('boundaries', NODE, ['tools/check-boundaries.mjs']);
  await check('dependencies', NODE, ['tools/check-dependencies.mjs']);
  await check('buf lint', 'buf', ['lint']);
  await check('generated code', NODE, ['tools/generate.mjs', '--check']);
  if (existsSync(path.join(ROOT, OPENAPI))) await check('openapi', NODE, [OPENAPI, '--check']);
  // On two cores. What an end-to-end test waits for, another one has the time of.
  for (const size of ['unit', 'int', 'e2e']) await jest(size, ['--maxWorkers=2']);
}

async function some(narrow) {
  const folder = packageFolder(narrow);
  await checkThat('types', () =>
    build(folder ? [folder, ...(folder === 'e2e' ? STACK_PACKAGES : ['tools/stack'])] : []),
  );
  const selection = folder ? [`${folder}/`] : (await matchesPaths(narrow)) ? [narrow] : ['--testNamePattern', narrow];
  for (const size of ['unit', 'int', 'e2e']) await jest(size, ['--runInBand', ...selection]);
}

function check(label, command, args) {
  return checkThat(label, async () => {
    const { code, output } = await run(command, args, { cwd: ROOT, env: toolEnvironment() });
    if (code !== 0) throw Object.assign(new Error(`${label} failed`), { output: lastLines(output, 200) });
  });
}

/** One check; the others go on when it fails. */
async function checkThat(label, work) {
  try {
    await progress.step(label, work);
    total.passed += 1;
  } catch (error) {
    total.failed += 1;
    process.stdout.write(`\n${error.output ?? error.stack}\n\n`);
  }
}

async function matchesPaths(pattern) {
  const { output } = await run(NODE, [...jestCommand(), '--listTests', pattern], { cwd: ROOT, env: toolEnvironment() });
  return output.split('\n').some((line) => line.startsWith(ROOT));
}

/** Runs the tests of one size, and counts them. A file that cannot even be loaded counts as one failure. */
async function jest(size, args) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'oneclaw-jest-'));
  const outputFile = path.join(folder, 'result.json');
  const command = [
    ...jestCommand(),
    '--selectProjects',
    size,
    '--passWithNoTests',
    '--json',
    '--outputFile',
    outputFile,
  ];
  process.stdout.write(`\n  ${size} tests\n`);
  const code = await inherit(NODE, [...command, ...args]);
  const result = existsSync(outputFile) ? JSON.parse(readFileSync(outputFile, 'utf8')) : undefined;
  await rm(folder, { recursive: true, force: true });
  const failed = result ? result.numFailedTests + result.numRuntimeErrorTestSuites : 0;
  total.passed += result?.numPassedTests ?? 0;
  total.failed += failed === 0 && code !== 0 ? 1 : failed;
}

function jestCommand() {
  return ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
}

function inherit(command, args) {
  return new Promise((resolve, reject) => {
    // Jest reports on standard error; its JSON goes to a file, and the copy on standard output to nobody.
    const child = spawn(command, args, { cwd: ROOT, env: toolEnvironment(), stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
