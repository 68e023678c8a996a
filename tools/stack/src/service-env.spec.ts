import { describe, expect, it } from '@jest/globals';
import { operatorEnvironment, serviceEnvironment, type EnvironmentInput } from './service-env.js';

const input = (name: EnvironmentInput['name'], over: Partial<EnvironmentInput> = {}): EnvironmentInput => ({
  name,
  instance: name,
  host: '127.0.0.1',
  ports: { admin: 1001, main: 1002 },
  grpcPorts: {
    'crypto-svc': [2001],
    'auth-svc': [2002],
    'vault-svc': [2003, 2004],
    'billing-svc': [2005],
    'audit-svc': [2006],
  },
  files: {
    databaseUrl: '/db',
    natsUrl: '/nats',
    pin: '/pin',
    softhsmConf: '/conf',
    adminPassword: '/admin',
    tls: undefined,
  },
  pkcs11Module: '/module.so',
  publicUrl: 'http://localhost:8080',
  smtpUrl: 'smtp://127.0.0.1:1025',
  ...over,
});

describe('the environment of a service', () => {
  it('shows the gateway neither database nor HSM nor crypto-svc', () => {
    const names = Object.keys(serviceEnvironment(input('gateway')));
    expect(names.filter((name) => /DATABASE|PKCS11|SOFTHSM|CRYPTO|GRPC_LISTEN|SMTP/.test(name))).toEqual([]);
  });

  it('shows the PIN file to crypto-svc only', () => {
    expect(serviceEnvironment(input('crypto-svc'))['PKCS11_PIN_FILE']).toBe('/pin');
    expect(serviceEnvironment(input('vault-svc'))['PKCS11_PIN_FILE']).toBeUndefined();
  });

  it('names the first administrator to auth-svc only', () => {
    expect(serviceEnvironment(input('auth-svc'))['PLATFORM_ADMIN_PASSWORD_FILE']).toBe('/admin');
    expect(Object.keys(serviceEnvironment(input('gateway'))).filter((name) => /PLATFORM_ADMIN/.test(name))).toEqual([]);
  });

  it('dials one replica by name and several as a list', () => {
    const env = serviceEnvironment(input('gateway'));
    expect(env['AUTH_SVC_URL']).toBe('dns:///127.0.0.1:2002');
    expect(env['VAULT_SVC_URL']).toBe('127.0.0.1:2003,127.0.0.1:2004');
  });

  it('shows an operator the token and the services that keep what its root key wraps', () => {
    expect(Object.keys(operatorEnvironment(input('gateway'))).sort()).toEqual([
      'AUTH_SVC_URL',
      'ONECLAW_PROFILE',
      'PKCS11_MODULE',
      'PKCS11_PIN_FILE',
      'PKCS11_TOKEN_LABEL',
      'SOFTHSM2_CONF',
      'TLS_MODE',
      'VAULT_SVC_URL',
    ]);
  });

  it('names certificates where the services use mutual TLS, and says plaintext where not', () => {
    const tls = { ca: '/ca', cert: '/cert', key: '/key' };
    const files = { ...input('vault-svc').files, tls };
    expect(serviceEnvironment(input('vault-svc', { files }))).toMatchObject({ TLS_MODE: 'mtls', TLS_KEY_FILE: '/key' });
    expect(serviceEnvironment(input('vault-svc'))['TLS_MODE']).toBe('plaintext');
  });
});
