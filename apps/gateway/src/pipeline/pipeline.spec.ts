import { describe, expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { type PipelineSteps, registerPipeline } from './pipeline.js';

const BEFORE = [
  'begin',
  'giveWay',
  'cors',
  'findRoute',
  'limitRate',
  'sendPage',
  'authenticate',
  'checkIpRules',
  'checkMaintenance',
  'barCallers',
  'countUsage',
] as const;
const AFTER = ['answering', 'answered'] as const;

/** Steps that only write down that they ran; one of them refuses. */
async function run(refusing?: string): Promise<string[]> {
  const ran: string[] = [];
  const step = (name: string) => (_request: unknown, _reply: unknown, done: (error?: Error) => void) => {
    ran.push(name);
    done(name === refusing ? new Error('refused') : undefined);
  };
  const answering: PipelineSteps['answering'] = (_request, _reply, _payload, done) => (ran.push('answering'), done());
  const steps = Object.fromEntries([...BEFORE, ...AFTER].map((name) => [name, step(name)])) as unknown as PipelineSteps;
  const inviteBody = (
    _request: unknown,
    _reply: unknown,
    body: unknown,
    done: (error: null, body: unknown) => void,
  ) => (ran.push('inviteBody'), done(null, body));
  const app = fastify();
  registerPipeline(app, {
    ...steps,
    inviteBody: inviteBody as never,
    answering,
    aborted: (_request, done) => done(),
  });
  app.get('/', () => (ran.push('handler'), {}));
  await app.inject({ method: 'GET', url: '/' });
  await app.close();
  return ran;
}

describe('the pipeline', () => {
  it('runs its steps in the order of the contract, the handler last', async () => {
    expect(await run()).toEqual([...BEFORE, 'inviteBody', 'handler', ...AFTER]);
  });

  it.each(BEFORE)('ends where %s refuses, and still notes the answer', async (name) => {
    expect(await run(name)).toEqual([...BEFORE.slice(0, BEFORE.indexOf(name) + 1), ...AFTER]);
  });
});
