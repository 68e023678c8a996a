#!/usr/bin/env node
import { ConfigError, baseFields, loadConfig, text } from '@oneclaw/config';
import { isDomainError } from '@oneclaw/errors';
import { transportSecurity } from '@oneclaw/rpc';
import { kekOwners } from '../operator/kek-owners.js';
import { RotationStopped, rotateRootKey, type RootKeys } from '../operator/root-key-rotation.js';
import { tokenFields } from './hsm.config.js';
import { HsmError } from './hsm.errors.js';
import type { SigningUse } from './hsm.port.js';
import { KeyCeremony } from './pkcs11/key-ceremony.js';

const USAGE = `usage: hsm <command>
  init                 make the root, MAC, token-signing and checkpoint keys on a token that has none
  rotate-signing-key   make a new token-signing key; it signs within seconds, older ones still verify
  rotate-checkpoint-key
                       make a new key for checkpoints of the audit trail; likewise
  rotate-root-key [--keep-old-key]
                       make a new root key, have every service move its keys to it, then destroy the old one;
                       stopped at any point, it goes on when it is run again (docs/runbooks/rotate-root-key.md)
  checkpoint-keys      print the public keys that verify checkpoints, as a JWK Set
  status               list the keys on the token
The token: PKCS11_MODULE, PKCS11_TOKEN_LABEL, PKCS11_PIN_FILE. For rotate-root-key also VAULT_SVC_URL, AUTH_SVC_URL,
ONECLAW_PROFILE, TLS_MODE, and with mtls TLS_CA_FILE, TLS_CERT_FILE, TLS_KEY_FILE of the name oneclaw://operator.`;

const { ONECLAW_PROFILE, TLS_MODE, TLS_CA_FILE, TLS_CERT_FILE, TLS_KEY_FILE } = baseFields;
const operatorFields = {
  ...{ ONECLAW_PROFILE, TLS_MODE, TLS_CA_FILE, TLS_CERT_FILE, TLS_KEY_FILE },
  VAULT_SVC_URL: text(),
  AUTH_SVC_URL: text(),
};

type Say = (line: string) => void;

const COMMANDS: Record<string, (options: readonly string[], say: Say) => Promise<void> | void> = {
  init: (_, say) => say(`Made ${onToken((ceremony) => ceremony.init()).join(', ')}.`),
  'rotate-signing-key': (_, say) => rotateSigningKey('token-signing', say),
  'rotate-checkpoint-key': (_, say) => rotateSigningKey('checkpoint', say),
  'rotate-root-key': (options, say) => rotate(options.includes(KEEP_OLD_KEY), say),
  'checkpoint-keys': (_, say) => say(onToken((ceremony) => ceremony.publicKeys('checkpoint'))),
  status: (_, say) => say(onToken((ceremony) => ceremony.status()).join('\n') || 'The token holds no key of OneClaw.'),
};

const KEEP_OLD_KEY = '--keep-old-key';
const OPTIONS: Record<string, readonly string[]> = { 'rotate-root-key': [KEEP_OLD_KEY] };

function onToken<T>(steps: (ceremony: KeyCeremony) => T): T {
  const config = loadConfig(tokenFields);
  const [modulePath, tokenLabel, pin] = [config.PKCS11_MODULE, config.PKCS11_TOKEN_LABEL, config.PKCS11_PIN_FILE];
  return KeyCeremony.perform({ modulePath, tokenLabel, pin }, steps);
}

function rotateSigningKey(use: SigningUse, say: Say): void {
  say(`Made ${onToken((ceremony) => ceremony.rotateSigningKey(use)).join(', ')}.`);
}

async function rotate(keepOldKey: boolean, say: Say): Promise<void> {
  const config = loadConfig({ ...tokenFields, ...operatorFields });
  const urls = { vaultSvc: config.VAULT_SVC_URL, authSvc: config.AUTH_SVC_URL };
  const owners = kekOwners(urls, transportSecurity(config));
  const keys: RootKeys = {
    generations: () => onToken((ceremony) => ceremony.rootGenerations()),
    make: () => onToken((ceremony) => ceremony.makeRootKey()),
    destroy: (generation) => onToken((ceremony) => ceremony.destroyRootKey(generation)),
  };
  try {
    await rotateRootKey(keys, owners, { keepOldKey, say });
  } finally {
    for (const owner of owners) owner.close();
  }
}

/** Exit codes: 0 done, 1 refused or failed, 2 wrong usage. */
async function run([name = '', ...options]: readonly string[]): Promise<number> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined || !options.every((option) => OPTIONS[name]?.includes(option))) return fail(2, USAGE);
  try {
    await command(options, (line) => process.stdout.write(`${line}\n`));
    return 0;
  } catch (error) {
    if (error instanceof HsmError) return fail(1, error.detail);
    if (error instanceof ConfigError || error instanceof RotationStopped) return fail(1, error.message);
    if (isDomainError(error))
      return fail(1, `${error.message} (${causeOf(error)}) Run this again: it goes on where it was.`);
    throw error;
  }
}

function causeOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.name;
}

function fail(exitCode: number, reason: string): number {
  process.stderr.write(`${reason}\n`);
  return exitCode;
}

process.exitCode = await run(process.argv.slice(2));
