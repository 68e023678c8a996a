import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceName, Stack } from '@oneclaw/stack';
import type { Answer } from '../answer.js';
import { ClientKey, rotationHeaders } from '../client-key.js';
import { eventually } from '../eventually.js';
import { gatewayOf } from '../stacks.js';
import type { CmekJob, Secret, Vault } from '../types.js';
import { newOwner, newVault, secretUrl, type Owner } from '../world.js';
import { asSuperuser } from './database.js';
import { faultStack } from './fault-stack.js';

const SCENARIO_MS = 180_000;
const BACK_MS = 30_000;
const SECRETS = 1500;
const AT_ONCE = 50;

let stack: Stack;
let owner: Owner;
let vault: Vault;
let key: ClientKey;

beforeAll(async () => {
  stack = await faultStack({ replicas: { 'vault-svc': 3 } });
  owner = await newOwner(gatewayOf(stack));
  vault = await newVault(owner);
  key = new ClientKey();
  (await owner.api.post(`/v1/vaults/${vault.id}/cmek`, { fingerprint: key.fingerprint })).as(200);
  for (let index = 0; index < SECRETS; index += AT_ONCE)
    await Promise.all(Array.from({ length: AT_ONCE }, (_, offset) => keep(`kept/${index + offset}`, key)));
}, SCENARIO_MS);

afterAll(() => stack?.stop());

const keep = async (path: string, under: ClientKey): Promise<Answer> =>
  owner.api.put(secretUrl(vault, path), { value: under.encrypt(`of ${path}`) });

/** Asks until it is answered: services that were killed are found again. */
async function rotate(newKey: ClientKey): Promise<CmekJob> {
  const { value } = await eventually('the call is answered', BACK_MS, async () => {
    const body = { new_fingerprint: newKey.fingerprint };
    const headers = rotationHeaders(key, newKey);
    const answer = await owner.api.post(`/v1/vaults/${vault.id}/cmek-rotate`, body, headers);
    return answer.status === 503 ? undefined : answer.as<CmekJob>(202);
  });
  return value;
}

interface Progress {
  status: string;
  processed: number;
  total: number;
}

/** As the database has it: no answer is needed, nor a service. */
async function progress(id: string): Promise<Progress> {
  const { rows } = await asSuperuser(stack, 'vault-svc', (client) =>
    client.query<Progress>(
      'SELECT status, processed::int, total_versions::int AS total FROM cmek_rotations WHERE id = $1',
      [id],
    ),
  );
  return rows[0]!;
}

async function beyond(id: string, processed: number): Promise<void> {
  await eventually('the job is under way', BACK_MS, async () =>
    (await progress(id)).processed > processed ? true : undefined,
  );
}

async function killAndStart(names: readonly ServiceName[]): Promise<void> {
  const doomed = stack.services.filter(({ name }) => names.includes(name));
  await Promise.all(doomed.map((service) => service.kill()));
  await Promise.all(doomed.map((service) => service.start()));
}

async function completed(id: string): Promise<Progress> {
  await eventually('the job is completed', BACK_MS, async () =>
    (await progress(id)).status === 'completed' ? true : undefined,
  );
  return await progress(id);
}

/** Every secret, by the holder of the key. */
async function everythingReadsWith(reader: ClientKey, more: readonly string[]): Promise<void> {
  const paths = [...Array.from({ length: SECRETS }, (_, index) => `kept/${index}`), ...more];
  for (let index = 0; index < paths.length; index += AT_ONCE) {
    const some = paths.slice(index, index + AT_ONCE);
    const answers = await Promise.all(some.map((path) => owner.api.get(secretUrl(vault, path))));
    expect(answers.map((answer) => reader.decrypt(answer.as<Secret>(200).value))).toEqual(
      some.map((path) => `of ${path}`),
    );
  }
}

describe('moving a vault to another key', () => {
  it(
    'survives the death of every vault-svc, again and again: the call, repeated, goes on, and nothing is lost or moved twice',
    async () => {
      const newKey = new ClientKey();
      const job = await rotate(newKey);
      const written: string[] = [];
      for (const [round, reached] of [100, 500, 900].entries()) {
        await beyond(job.id, reached);
        await killAndStart(['vault-svc']);
        const stopped = await progress(job.id);
        expect(stopped.status).toBe('running');
        expect(stopped.processed).toBeLessThan(SECRETS);
        for (const [name, under] of [
          ['old', key],
          ['new', newKey],
        ] as const) {
          const path = `round${round}/${name}`;
          await eventually('a write is taken', BACK_MS, async () =>
            (await keep(path, under)).status === 201 ? true : undefined,
          );
          written.push(path);
        }
        expect(await rotate(newKey)).toMatchObject({ id: job.id, status: 'running' });
      }
      const done = await completed(job.id);
      expect(done).toMatchObject({ processed: SECRETS + written.length, total: SECRETS + written.length });
      await everythingReadsWith(newKey, written);
      key = newKey;
    },
    SCENARIO_MS,
  );

  it(
    'goes on by itself when crypto-svc has died, and when NATS has',
    async () => {
      const newKey = new ClientKey();
      const job = await rotate(newKey);
      await beyond(job.id, 100);
      stack.nats.child.kill('SIGKILL');
      await killAndStart(['crypto-svc']);
      await completed(job.id);
      await stack.nats.child.gone();
      await stack.nats.start();
      await everythingReadsWith(newKey, []);
      key = newKey;
    },
    SCENARIO_MS,
  );
});
