import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Stack } from '@oneclaw/stack';

const HSM_CLI = fileURLToPath(new URL('../../apps/crypto-svc/dist/hsm/hsm-cli.js', import.meta.url));

/** What `npm run hsm -- <command>` prints, on the stack's token. */
export async function hsmCli(stack: Stack, command: string): Promise<string> {
  const { module, pinFile, confFile } = stack.token;
  const token = {
    PKCS11_MODULE: module,
    PKCS11_TOKEN_LABEL: 'oneclaw',
    PKCS11_PIN_FILE: pinFile,
    SOFTHSM2_CONF: confFile,
  };
  const env = { PATH: process.env['PATH'], ...token };
  return (await promisify(execFile)(process.execPath, [HSM_CLI, command], { env })).stdout;
}
