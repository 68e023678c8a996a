import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig } from '@oneclaw/config';
import { configFields } from './config.js';
import { httpsSettings } from './http/https-server.js';

const complete = {
  ONECLAW_PROFILE: 'local',
  TLS_MODE: 'plaintext',
  ADMIN_LISTEN: '127.0.0.1:0',
  HTTP_LISTEN: '127.0.0.1:0',
  PUBLIC_URL: 'https://api.example.com',
  TOKEN_ISSUER: 'https://api.example.com',
  TOKEN_AUDIENCE: 'oneclaw',
  AUTH_SVC_URL: 'dns:///auth:1',
  VAULT_SVC_URL: 'dns:///vault:1',
  BILLING_SVC_URL: 'dns:///billing:1',
  AUDIT_SVC_URL: 'dns:///audit:1',
  NATS_URL_FILE: new URL('../package.json', import.meta.url).pathname,
};

function problemsOf(changes: Record<string, string | undefined>): readonly string[] {
  try {
    loadConfig(configFields, { ...complete, ...changes });
  } catch (error) {
    return (error as ConfigError).problems;
  }
  return [];
}

describe('the configuration of the gateway', () => {
  it('trusts no proxy, lets no origin in and limits by the contract unless told otherwise', () => {
    const config = loadConfig(configFields, complete);
    expect(config).toMatchObject({
      CORS_ORIGINS: [],
      RATE_LIMIT_PER_SECOND: 100,
      RATE_LIMIT_BURST: 200,
      SIGNUPS_PER_HOUR: 200,
      ENROLLMENTS_PER_SECOND: 1,
      ENROLLMENT_BURST: 5,
    });
    expect(config.BODY_LIMIT_BYTES).toBe(1_048_576);
    expect(config.TRUSTED_PROXIES.has('127.0.0.1')).toBe(false);
  });

  it.each(['PUBLIC_URL', 'TOKEN_ISSUER', 'TOKEN_AUDIENCE', 'AUTH_SVC_URL', 'NATS_URL_FILE', 'TLS_MODE'])(
    'needs %s',
    (name) => {
      expect(problemsOf({ [name]: undefined })).toEqual([`${name} is not set.`]);
    },
  );

  it.each([
    ['TRUSTED_PROXIES', '10.0.0.0/8, nonsense'],
    ['CORS_ORIGINS', 'https://app.example.com/path'],
    ['CORS_ORIGINS', '*'],
    ['PUBLIC_URL', 'ftp://example.com'],
    ['RATE_LIMIT_PER_SECOND', '0'],
    ['ENROLLMENT_BURST', '0'],
    ['CLIENT_CERT_HEADER', 'not a header'],
    ['HTTPS_KEY_FILE', '/nowhere/key.pem'],
  ])('refuses %s=%s by name', (name, value) => {
    expect(problemsOf({ [name]: value })).toEqual([expect.stringContaining(name)]);
  });

  it('needs certificate and key for HTTPS, and has none unless told', () => {
    expect(httpsSettings(loadConfig(configFields, complete))).toBeUndefined();
    const listening = loadConfig(configFields, { ...complete, HTTPS_LISTEN: '127.0.0.1:0' });
    expect(() => httpsSettings(listening)).toThrow(/HTTPS_CERT_FILE[^]*HTTPS_KEY_FILE/);
  });
});
