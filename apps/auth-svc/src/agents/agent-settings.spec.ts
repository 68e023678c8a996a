import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { CreateAgentRequest } from '@oneclaw/contracts/auth';
import { isDomainError } from '@oneclaw/errors';
import { parseAgentSettings } from './agent-settings.js';

const request = (fields: Partial<CreateAgentRequest>) => CreateAgentRequest.fromPartial({ name: 'robot', ...fields });

/** Names of the fields that are refused. */
function refused(fields: Partial<CreateAgentRequest>): string[] {
  try {
    parseAgentSettings(request(fields));
    return [];
  } catch (error) {
    if (isDomainError(error, 'invalid_argument')) return Object.keys(error.fields);
    throw error;
  }
}

describe('the settings of a new agent', () => {
  it('need no more than a name', () => {
    expect(parseAgentSettings(request({}))).toEqual({
      name: 'robot',
      description: null,
      authMethod: 'api_key',
      scopes: [],
      vaultIds: [],
      expiresAt: null,
      intentsApiEnabled: false,
      txToAllowlist: [],
      txMaxValueEth: null,
      txDailyLimitEth: null,
      txAllowedChains: [],
      tokenTtlSeconds: null,
      clientCertFingerprint: null,
      oidcIssuer: null,
      oidcClientId: null,
      shroudEnabled: false,
      shroudConfig: null,
    });
  });

  it.each<[string, Partial<CreateAgentRequest>]>([
    ['a name of 128 characters beyond the BMP', { name: '🤖'.repeat(128) }],
    ['a description in lines', { description: 'one\n\ttwo' }],
    ['scopes of both kinds', { scopes: ['*', '**', 'a/**/b', 'prod-*/db', 'vaults:read', 'tx:sign'] }],
    ['the shortest tokens', { tokenTtlSeconds: 120 }],
    ['the longest tokens', { tokenTtlSeconds: 86_400 }],
    ['wei as decimals', { txMaxValueEth: '0.000000000000000001', txDailyLimitEth: '0' }],
    ['chains by name and number', { txAllowedChains: ['arbitrum-one', '8453'] }],
    ['a past expiry, which ends it at once', { expiresAt: new Date(0) }],
    ['a certificate in upper case', { authMethod: 'mtls', clientCertFingerprint: 'AF'.repeat(32) }],
    [
      'an issuer with a path and port',
      { authMethod: 'oidc_client_credentials', oidcIssuer: 'https://i.test:8443/r', oidcClientId: 'c' },
    ],
    ['64 vaults', { vaultIds: Array.from({ length: 64 }, () => randomUUID()) }],
  ])('may have %s', (_what, fields) => {
    expect(refused(fields)).toEqual([]);
  });

  it.each<[string, Partial<CreateAgentRequest>]>([
    ['name', { name: '' }],
    ['name', { name: '   ' }],
    ['name', { name: 'x'.repeat(129) }],
    ['name', { name: 'a\u0000b' }],
    ['description', { description: 'x'.repeat(1025) }],
    ['description', { description: '\u0000' }],
    ['auth_method', { authMethod: 'password' }],
    ['auth_method', { authMethod: 'constructor' }],
    ['scopes', { scopes: ['ok', ''] }],
    ['scopes', { scopes: ['/leading'] }],
    ['scopes', { scopes: ['a//b'] }],
    ['scopes', { scopes: ['a/../b'] }],
    ['scopes', { scopes: ['a**'] }],
    ['scopes', { scopes: ['***'] }],
    ['scopes', { scopes: ['with space:x'] }],
    ['scopes', { scopes: ['x'.repeat(513)] }],
    ['scopes', { scopes: Array.from({ length: 65 }, (_, index) => `s${index}`) }],
    ['scopes', { scopes: Array.from({ length: 5 }, (_, index) => `${index}${'x'.repeat(500)}`) }],
    ['vault_ids', { vaultIds: ['nope'] }],
    ['vault_ids', { vaultIds: Array.from({ length: 65 }, () => randomUUID()) }],
    ['expires_at', { expiresAt: new Date(NaN) }],
    ['tx_to_allowlist', { txToAllowlist: ['0x12'] }],
    ['tx_max_value_eth', { txMaxValueEth: '-1' }],
    ['tx_max_value_eth', { txMaxValueEth: '1e3' }],
    ['tx_daily_limit_eth', { txDailyLimitEth: '0.0000000000000000001' }],
    ['tx_allowed_chains', { txAllowedChains: ['not a chain'] }],
    ['token_ttl_seconds', { tokenTtlSeconds: 119 }],
    ['token_ttl_seconds', { tokenTtlSeconds: 86_401 }],
    ['token_ttl_seconds', { tokenTtlSeconds: 0 }],
    ['client_cert_fingerprint', { authMethod: 'mtls' }],
    ['client_cert_fingerprint', { authMethod: 'mtls', clientCertFingerprint: 'ab'.repeat(31) }],
    ['oidc_issuer', { authMethod: 'oidc_client_credentials', oidcClientId: 'c' }],
    ['oidc_issuer', { authMethod: 'oidc_client_credentials', oidcClientId: 'c', oidcIssuer: 'http://i.test' }],
    ['oidc_issuer', { authMethod: 'oidc_client_credentials', oidcClientId: 'c', oidcIssuer: 'https://u:p@i.test' }],
    ['oidc_issuer', { authMethod: 'oidc_client_credentials', oidcClientId: 'c', oidcIssuer: 'https://i.test/?x' }],
    ['oidc_client_id', { authMethod: 'oidc_client_credentials', oidcIssuer: 'https://i.test' }],
    ['shroud_config', { shroudConfigJson: '[]' }],
    ['shroud_config', { shroudConfigJson: '{' }],
    ['shroud_config', { shroudConfigJson: `{"a":"${'x'.repeat(16_384)}"}` }],
  ])('are refused for %s in %j', (field, fields) => {
    expect(refused(fields)).toEqual([field]);
  });

  it('are refused for everything that is wrong at once', () => {
    const wrong = { name: '', authMethod: 'mtls', tokenTtlSeconds: 1, vaultIds: ['x'] };
    expect(refused(wrong).sort()).toEqual(['client_cert_fingerprint', 'name', 'token_ttl_seconds', 'vault_ids']);
  });

  it('with as many scopes and vaults as may be still fit into a token', () => {
    const settings = parseAgentSettings(
      request({
        scopes: Array.from({ length: 64 }, (_, index) => `${String(index).padStart(2, '0')}${'x'.repeat(30)}`),
        vaultIds: Array.from({ length: 64 }, () => randomUUID()),
      }),
    );
    const payload = JSON.stringify({ scopes: settings.scopes, vault_ids: settings.vaultIds });
    expect(Buffer.from(payload).toString('base64url').length).toBeLessThan(7400);
  });
});
