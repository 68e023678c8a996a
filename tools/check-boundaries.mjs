import { ESLint } from 'eslint';
import { ROOT } from './stack/setup/root.mjs';

/**
 * A boundary that does not fire looks just like one that is kept. So: each of these lines must be refused where it
 * stands, and allowed at home.
 */
const BOUNDARY = '@nx/enforce-module-boundaries';
const IMPORTS = 'no-restricted-imports';
const ENVIRONMENT = 'no-restricted-properties';

const REFUSED = [
  ['apps/vault-svc/src/probe.ts', `import '@oneclaw/auth-svc';`, BOUNDARY],
  ['apps/vault-svc/src/probe.ts', `import '../../auth-svc/src/config.js';`, BOUNDARY],
  ['apps/gateway/src/probe.ts', `import '@oneclaw/stack';`, BOUNDARY],
  ['libs/rpc/src/probe.ts', `import '@oneclaw/vault-svc';`, BOUNDARY],
  ['libs/events/src/probe.ts', `import '@oneclaw/stack';`, BOUNDARY],
  ['tools/bench/src/probe.ts', `import '@oneclaw/gateway';`, BOUNDARY],
  ['e2e/src/probe.ts', `import '@oneclaw/gateway';`, BOUNDARY],
  ['apps/gateway/src/probe.ts', `import '@grpc/grpc-js';`, IMPORTS],
  ['libs/events/src/probe.ts', `import '@grpc/grpc-js';`, IMPORTS],
  ['apps/audit-svc/src/probe.ts', `import '@nats-io/transport-node';`, IMPORTS],
  ['libs/rpc/src/probe.ts', `import '@nats-io/jetstream';`, IMPORTS],
  ['apps/crypto-svc/src/probe.ts', `import 'graphene-pk11';`, IMPORTS],
  ['apps/vault-svc/src/hsm/probe.ts', `import 'pkcs11js';`, IMPORTS],
  ['apps/gateway/src/probe.ts', `export const a = process.env['A'];`, ENVIRONMENT],
  ['libs/rpc/src/probe.ts', `export const { A } = process.env;`, ENVIRONMENT],
  ['apps/gateway/src/probe.ts', `import { env } from 'node:process'; env;`, IMPORTS],
];

const ALLOWED = [
  ['apps/vault-svc/src/probe.ts', `import '@oneclaw/rpc';`],
  ['libs/rpc/src/probe.ts', `import '@grpc/grpc-js'; import '@oneclaw/errors';`],
  ['libs/events/src/probe.ts', `import '@nats-io/jetstream';`],
  ['apps/crypto-svc/src/hsm/probe.ts', `import 'graphene-pk11'; import 'pkcs11js';`],
  ['libs/config/src/probe.ts', `export const a = process.env['A'];`],
  ['tools/bench/src/probe.ts', `import '@oneclaw/stack';`],
  ['e2e/src/probe.ts', `import '@oneclaw/stack'; import '@oneclaw/errors'; export const a = process.env['A'];`],
];

// The probes are not files, so there are no types to look at; the rules that need them are not what is tested.
const eslint = new ESLint({
  cwd: ROOT,
  overrideConfig: { files: ['**/*.ts'], languageOptions: { parserOptions: { projectService: false } } },
  ruleFilter: ({ ruleId }) => [BOUNDARY, IMPORTS, ENVIRONMENT].includes(ruleId),
});

const problems = [];
for (const [file, code, rule] of REFUSED) {
  const rules = await rulesBroken(file, code);
  if (!rules.includes(rule)) problems.push(`${file} may say ${code} (${rule} does not fire)`);
}
for (const [file, code] of ALLOWED) {
  const rules = await rulesBroken(file, code);
  if (rules.length > 0) problems.push(`${file} may not say ${code} (${rules.join(', ')})`);
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;

async function rulesBroken(file, code) {
  const [result] = await eslint.lintText(`${code}\n`, { filePath: file });
  return result.messages.map((message) => message.ruleId ?? message.message);
}
