import { readFileSync, writeFileSync } from 'node:fs';
import { OPERATIONS } from '../operations.js';
import { buildDocument } from './document.js';

// node apps/gateway/dist/openapi/write.js [--check]: keeps apps/gateway/openapi.json what the code says.
const file = new URL('../../openapi.json', import.meta.url);
const text = `${JSON.stringify(buildDocument(OPERATIONS), null, 2)}\n`;

if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readIfThere(file) !== text) {
  process.stderr.write(
    'apps/gateway/openapi.json is not what the code says. Build, run `npm run openapi` and commit it.\n',
  );
  process.exitCode = 1;
}

function readIfThere(path: URL): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
