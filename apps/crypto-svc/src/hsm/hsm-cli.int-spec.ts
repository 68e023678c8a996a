import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FaultyModule } from '@oneclaw/testing';
import { ed25519KeyId } from './ed25519.js';
import { SoftToken } from './testing/soft-token.js';

const KEYS = ['oneclaw-checkpoint-1', 'oneclaw-mac-1', 'oneclaw-root-1', 'oneclaw-token-signing-1'];

let token: SoftToken;
beforeEach(async () => {
  token = await SoftToken.empty();
});
afterEach(() => token.destroy());

const status = () => token.hsmCli(['status']).output.split('\n');

describe('hsm init', () => {
  it('makes the four keys on a token that has none', () => {
    expect(status()).toEqual(['The token holds no key of OneClaw.']);
    expect(token.hsmCli(['init']).exitCode).toBe(0);
    expect(status()).toEqual(KEYS);
  });

  it('is refused and changes nothing when the token holds any of them', () => {
    token.hsmCli(['init']);
    const refused = token.hsmCli(['init']);
    expect(refused).toEqual({
      exitCode: 1,
      output: `The token already holds ${KEYS.join(', ')}. Nothing was changed.`,
    });
    expect(status()).toEqual(KEYS);
  });

  it('that fails midway leaves nothing behind', () => {
    const device = new FaultyModule(token.modulePath);
    device.start('fail-once', 'C_GenerateKeyPair');
    const failed = token.hsmCli(['init'], { PKCS11_MODULE: device.path });
    device.destroy();
    expect(failed.exitCode).toBe(1);
    expect(failed.output).toContain('CKR_DEVICE_ERROR');
    expect(status()).toEqual(['The token holds no key of OneClaw.']);
  });

  it('with a wrong PIN says so and makes nothing', () => {
    const wrongPin = `${token.pinFile}.wrong`;
    writeFileSync(wrongPin, '0000-0000');
    const refused = token.hsmCli(['init'], { PKCS11_PIN_FILE: wrongPin });
    expect(refused.exitCode).toBe(1);
    expect(refused.output).toContain('CKR_PIN_INCORRECT');
    expect(refused.output).not.toContain('0000-0000');
    expect(status()).toEqual(['The token holds no key of OneClaw.']);
  });

  it('on a token that is not there says which is missing', () => {
    const refused = token.hsmCli(['init'], { PKCS11_TOKEN_LABEL: 'nobody' });
    expect(refused.exitCode).toBe(1);
    expect(refused.output).toContain('no token labelled "nobody"');
  });

  it('names the settings that are missing', () => {
    const refused = token.hsmCli(['init'], { PKCS11_MODULE: '', PKCS11_PIN_FILE: '/nowhere/pin' });
    expect(refused.exitCode).toBe(1);
    expect(refused.output).toContain('PKCS11_MODULE is not set.');
    expect(refused.output).toContain('the file /nowhere/pin cannot be read');
  });
});

describe.each([
  ['rotate-signing-key', 'oneclaw-token-signing'],
  ['rotate-checkpoint-key', 'oneclaw-checkpoint'],
])('hsm %s', (command, name) => {
  it('adds a generation and keeps the others', () => {
    token.hsmCli(['init']);
    expect(token.hsmCli([command]).output).toBe(`Made ${name}-2.`);
    expect(token.hsmCli([command]).output).toBe(`Made ${name}-3.`);
    expect(status()).toEqual([...KEYS, `${name}-2`, `${name}-3`].sort());
  });

  it('is refused on a token that has no key to rotate', () => {
    const refused = token.hsmCli([command]);
    expect(refused.exitCode).toBe(1);
    expect(status()).toEqual(['The token holds no key of OneClaw.']);
  });
});

describe('hsm checkpoint-keys', () => {
  it('prints the public halves of all generations and nothing else', () => {
    token.hsmCli(['init']);
    token.hsmCli(['rotate-checkpoint-key']);
    const { keys } = JSON.parse(token.hsmCli(['checkpoint-keys']).output) as { keys: { x: string; kid: string }[] };
    expect(keys).toHaveLength(2);
    for (const { x, kid, ...rest } of keys) {
      expect(rest).toEqual({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' });
      expect(kid).toBe(ed25519KeyId(Buffer.from(x, 'base64url')));
    }
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(2);
  });

  it('is refused on a token that has none', () => {
    expect(token.hsmCli(['checkpoint-keys'])).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining('hsm init'),
    });
  });
});

describe('hsm', () => {
  it.each([[[]], [['unknown']], [['init', 'extra']]])('answers %j with its usage', (args) => {
    expect(token.hsmCli(args)).toMatchObject({ exitCode: 2, output: expect.stringContaining('usage: hsm <command>') });
  });
});
