import { readFileSync } from 'node:fs';
import { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';
import type { BaseConfig } from '@oneclaw/config';

/** Credentials of one process for both directions. */
export interface TransportSecurity {
  mode: 'mtls' | 'plaintext';
  server(): ServerCredentials;
  channel(): ChannelCredentials;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

export type TlsConfig = Pick<
  BaseConfig,
  'ONECLAW_PROFILE' | 'TLS_MODE' | 'TLS_CA_FILE' | 'TLS_CERT_FILE' | 'TLS_KEY_FILE'
>;

/**
 * mTLS from the configured files, or plaintext where the profile is local and the listen address is loopback. Anything
 * else throws a sentence for the operator.
 */
export function transportSecurity(config: TlsConfig, listenHost?: string): TransportSecurity {
  if (config.TLS_MODE === 'mtls') return mutualTls(config);
  if (config.ONECLAW_PROFILE !== 'local')
    throw new Error('TLS_MODE=plaintext is allowed only with ONECLAW_PROFILE=local.');
  if (listenHost !== undefined && !LOOPBACK.has(listenHost)) {
    throw new Error(`TLS_MODE=plaintext is allowed only on loopback, not on ${listenHost}.`);
  }
  return {
    mode: 'plaintext',
    server: () => ServerCredentials.createInsecure(),
    channel: () => ChannelCredentials.createInsecure(),
  };
}

function mutualTls(config: TlsConfig): TransportSecurity {
  const ca = readRequired('TLS_CA_FILE', config.TLS_CA_FILE);
  const cert = readRequired('TLS_CERT_FILE', config.TLS_CERT_FILE);
  const key = readRequired('TLS_KEY_FILE', config.TLS_KEY_FILE);
  return {
    mode: 'mtls',
    server: () => ServerCredentials.createSsl(ca, [{ cert_chain: cert, private_key: key }], true),
    channel: () => ChannelCredentials.createSsl(ca, key, cert),
  };
}

function readRequired(name: string, path: string | undefined): Buffer {
  if (path === undefined) throw new Error(`${name} is not set, and TLS_MODE is mtls.`);
  try {
    return readFileSync(path);
  } catch {
    throw new Error(`${name}: the file ${path} cannot be read.`);
  }
}
