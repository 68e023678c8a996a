import { rmSync } from 'node:fs';
import { Stack } from '../stack.js';
import { StateFolder } from '../state-folder.js';

let template: string | undefined;
let stack: Stack | undefined;

const ENV = {
  // Tests come from addresses of their own by X-Forwarded-For, so that throttles per address do not tie them together.
  gateway: { TRUSTED_PROXIES: '127.0.0.0/8,::1' },
  // Some hundred people sign up, while two suites and their stacks share the processor: hashes would rest most of the time.
  'auth-svc': { ARGON2_CONCURRENCY: '4' },
  // Plans that bind, and that tests of other things do not reach.
  'billing-svc': { DEFAULT_TIER: 'business' },
};

/**
 * What end-to-end tests share: one stack with two gateways, for tests that leave it whole. Those that break things
 * start their own from the same template: `Stack.start({ template: process.env.E2E_TEMPLATE })`.
 */
export async function setup(): Promise<void> {
  template = StateFolder.temporary().path;
  await Stack.prepare(template);
  stack = await Stack.start({ template, replicas: { gateway: 2 }, env: ENV });
  Object.assign(process.env, {
    E2E_TEMPLATE: template,
    E2E_BASE_URL: stack.url,
    E2E_GATEWAY_URLS: stack.gatewayUrls.join(','),
    E2E_MAIL_URL: stack.mail?.restUrl,
    E2E_LOGS: stack.state.logs,
    E2E_ADMIN: JSON.stringify(stack.admin),
  });
}

export async function teardown(): Promise<void> {
  await stack?.stop();
  if (template) rmSync(template, { recursive: true, force: true });
}
