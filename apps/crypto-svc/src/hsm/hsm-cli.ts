#!/usr/bin/env node
import { ConfigError, loadConfig } from '@oneclaw/config';
import { tokenFields } from './hsm.config.js';
import { HsmError } from './hsm.errors.js';
import { KeyCeremony } from './pkcs11/key-ceremony.js';

const USAGE = `usage: hsm <command>
  init                 make the root, MAC, token-signing and checkpoint keys on a token that has none
  rotate-signing-key   make a new token-signing key; it signs within seconds, older ones still verify
  rotate-root-key      make a new root key; it wraps new KEKs, older ones still unwrap theirs
  status               list the keys on the token
The token: PKCS11_MODULE, PKCS11_TOKEN_LABEL, PKCS11_PIN_FILE.`;

const COMMANDS: Record<string, (ceremony: KeyCeremony) => string> = {
  init: (ceremony) => `Made ${ceremony.init().join(', ')}.`,
  'rotate-signing-key': (ceremony) => `Made ${ceremony.rotateSigningKey().join(', ')}.`,
  'rotate-root-key': (ceremony) => `Made ${ceremony.rotateRootKey().join(', ')}.`,
  status: (ceremony) => ceremony.status().join('\n') || 'The token holds no key of OneClaw.',
};

/** Exit codes: 0 done, 1 refused or failed, 2 wrong usage. */
export function runHsmCli(args: readonly string[]): { exitCode: number; text: string } {
  const [name = '', ...rest] = args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined || rest.length > 0) return { exitCode: 2, text: USAGE };
  try {
    const config = loadConfig(tokenFields);
    const token = {
      modulePath: config.PKCS11_MODULE,
      tokenLabel: config.PKCS11_TOKEN_LABEL,
      pin: config.PKCS11_PIN_FILE,
    };
    return { exitCode: 0, text: KeyCeremony.perform(token, command) };
  } catch (error) {
    if (error instanceof HsmError) return { exitCode: 1, text: error.detail };
    if (error instanceof ConfigError) return { exitCode: 1, text: error.message };
    throw error;
  }
}

const { exitCode, text } = runHsmCli(process.argv.slice(2));
(exitCode === 0 ? process.stdout : process.stderr).write(`${text}\n`);
process.exitCode = exitCode;
