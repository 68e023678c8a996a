import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import pg from 'pg';
import type { Api } from './client.js';
import { eventually } from './eventually.js';
import { mailsTo, mailTo, verificationToken } from './mails.js';
import { gatewayOf, ownStack } from './stacks.js';
import { newOwner, randomPassword } from './world.js';

const SECOND = 1000;

let stack: Stack;
let api: Api;
let auth: pg.Client;

beforeAll(async () => {
  stack = await ownStack({ mail: true });
  api = gatewayOf(stack);
  auth = new pg.Client({ connectionString: stack.databaseUrl('auth-svc', 'superuser') });
  await auth.connect();
});
/** The gateway has found again what a test before has killed. */
beforeEach(async () => {
  await eventually('auth-svc answers', 30 * SECOND, async () =>
    (await api.get('/v1/auth/jwt-public-key')).status === 200 ? true : undefined,
  );
});
afterAll(async () => {
  await auth?.end();
  await stack?.stop();
});

const catcher = () => stack.mail?.restUrl as string;

describe('while the mail server is away', () => {
  it('nobody waits for it, and every mail comes once when it is back', async () => {
    await stack.mail?.stop();
    const owner = await newOwner(api);
    const { email, password } = owner;
    const change = { current_password: password, new_password: randomPassword() };
    (await owner.api.post('/v1/auth/change-password', change)).empty();
    await eventually('both mails have been tried', 20 * SECOND, async () => {
      const { rows } = await auth.query(`SELECT FROM mails WHERE state = 'waiting' AND attempts > 0`);
      return rows.length === 2 ? true : undefined;
    });
    await stack.service('auth-svc').kill('SIGKILL');
    await stack.mail?.start();
    await stack.service('auth-svc').start();
    await auth.query(`UPDATE mails SET next_attempt_at = now() WHERE state = 'waiting'`);
    await mailTo(email, /^Your password was changed$/, catcher());
    await verificationToken(email, catcher());
    await eventually('nothing waits any more', 20 * SECOND, async () => {
      const { rows } = await auth.query(`SELECT FROM mails WHERE payload IS NOT NULL`);
      return rows.length === 0 ? true : undefined;
    });
    expect(await mailsTo(email, catcher())).toHaveLength(2);
  });

  it('the token of a link stands nowhere in the database', async () => {
    const { email } = await newOwner(api);
    const token = await verificationToken(email, catcher());
    for (const table of ['mails', 'outbox', 'outbox_batch', 'email_verifications', 'dead_letter']) {
      const { rows } = await auth.query<{ row: string }>(`SELECT row_to_json(t)::text AS row FROM ${table} t`);
      const dump = rows.map(({ row }) => row).join('\n');
      expect(dump).not.toContain(token);
      expect(dump).not.toContain(Buffer.from(token).toString('hex'));
    }
  });
});
