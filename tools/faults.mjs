import { main } from './stack/setup/root.mjs';
import { runProgram } from './stack/setup/run-program.mjs';

/**
 * `npm run test:faults [-- <pattern>] [--save <file.md>]` breaks stacks of its own, under load; `npm run test:plaintexts
 * [-- --reads <count>]` compares what is read with what was written (docs/reliability.md).
 */
const [mode, ...options] = process.argv.slice(2);
await main(() => runProgram('e2e', `faults/full/${mode === 'plaintexts' ? 'plaintexts' : 'main'}.js`, options));
