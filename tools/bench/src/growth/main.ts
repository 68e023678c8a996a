import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { printGrowth } from './growth-report.js';
import { onStack } from '../roomy-stack.js';
import { measureGrowth } from './growth.js';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    save: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

await onStack(async (stack) => {
  const report = await measureGrowth(stack, Number(options.seconds));
  if (options.save) writeFileSync(options.save, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : printGrowth(report)}\n`);
});
