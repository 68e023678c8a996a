import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { toolEnvironment } from './stack/setup/prepare.mjs';
import { main, ROOT, SetupError } from './stack/setup/root.mjs';
import { runOrFail } from './stack/setup/run-command.mjs';

const GENERATED = 'libs/contracts/src/generated';

/** `npm run generate`: the codecs of our protos. With `--check`: whether those in the repository are what they would be. */
await main(async () => {
  if (!process.argv.includes('--check')) return generate(ROOT);
  const fresh = await mkdtemp(path.join(os.tmpdir(), 'oneclaw-generate-'));
  try {
    await generate(fresh);
    await compare(path.join(fresh, GENERATED), path.join(ROOT, GENERATED));
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
});

async function generate(output) {
  const buf = path.join(ROOT, 'node_modules/.bin/buf');
  const options = { cwd: ROOT, env: toolEnvironment() };
  await runOrFail(buf, ['generate', '--output', output], options, 'Generating failed (buf generate).');
}

async function compare(fresh, kept) {
  const [wanted, found] = await Promise.all([contents(fresh), contents(kept)]);
  const stale = [...new Set([...wanted.keys(), ...found.keys()])].filter(
    (file) => wanted.get(file) !== found.get(file),
  );
  if (stale.length === 0) return;
  throw new SetupError(`Not what the protos say: ${stale.sort().join(', ')}. Run npm run generate.`);
}

async function contents(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return new Map(
    await Promise.all(
      files.map(async (entry) => {
        const file = path.join(entry.parentPath ?? entry.path, entry.name);
        return [path.relative(folder, file), await readFile(file, 'utf8')];
      }),
    ),
  );
}
