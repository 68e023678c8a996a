import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { onStack } from '../roomy-stack.js';
import { measureAudit } from './audit-bench.js';
import { printAudit } from './audit-report.js';

const { values: options } = parseArgs({
  options: {
    /** Over all orgs; of no account where `data` holds an earlier run's. */
    events: { type: 'string', default: '10000000' },
    /** A folder that keeps what was seeded for the next run. */
    data: { type: 'string' },
    seconds: { type: 'string', default: '3' },
    rate: { type: 'string', default: '2000' },
    connections: { type: 'string', default: '4' },
    only: { type: 'string' },
    'no-verify': { type: 'boolean', default: false },
    save: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

await onStack(async (stack) => {
  const report = await measureAudit(stack, {
    events: Number(options.events),
    seconds: Number(options.seconds),
    rate: Number(options.rate),
    connections: Number(options.connections),
    only: options.only,
    verify: !options['no-verify'],
  });
  if (options.save) writeFileSync(options.save, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : printAudit(report)}\n`);
}, options.data);
