import { main } from './stack/setup/root.mjs';
import { runProgram } from './stack/setup/run-program.mjs';

const MODES = ['growth', 'audit', 'tracing'];

/** `npm run bench [-- growth | audit | tracing] [-- --seconds 20 --only read --save file.json --compare file.json]`: measures a stack of its own. */
const args = process.argv.slice(2);
const [program, options] = MODES.includes(args[0]) ? [`${args[0]}/main.js`, args.slice(1)] : ['main.js', args];
await main(() => runProgram('tools/bench', program, options));
