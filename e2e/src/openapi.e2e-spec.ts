import { describe, expect, it } from '@jest/globals';
import type { Document } from './openapi.js';
import { gateway } from './world.js';

const ROUTES: Record<string, string[]> = {
  '/v1/health': ['get'],
  '/v1/health/hsm': ['get'],
  '/v1/auth/signup': ['post'],
  '/v1/auth/token': ['post', 'delete'],
  '/v1/auth/agent-token': ['post'],
  '/v1/auth/me': ['get'],
  '/v1/auth/api-keys': ['get', 'post'],
  '/v1/auth/api-keys/{key_id}': ['delete'],
  '/v1/auth/api-key-token': ['post'],
  '/v1/auth/mfa/status': ['get'],
  '/v1/auth/mfa/setup': ['post'],
  '/v1/auth/mfa/verify-setup': ['post'],
  '/v1/auth/mfa/verify': ['post'],
  '/v1/auth/mfa': ['delete'],
  '/v1/auth/device/code': ['post'],
  '/v1/auth/device/token': ['post'],
  '/v1/auth/device/code/{user_code}': ['get'],
  '/v1/auth/device/approve': ['post'],
  '/v1/auth/device/deny': ['post'],
  '/v1/auth/jwt-public-key': ['get'],
  '/.well-known/jwks.json': ['get'],
  '/v1/vaults': ['get', 'post'],
  '/v1/vaults/{vault_id}': ['get', 'delete'],
  '/v1/vaults/{vault_id}/rotate-kek': ['get', 'post'],
  '/v1/vaults/{vault_id}/cmek': ['post', 'delete'],
  '/v1/vaults/{vault_id}/cmek-rotate': ['post'],
  '/v1/vaults/{vault_id}/cmek-rotate/{job_id}': ['get'],
  '/v1/vaults/{vault_id}/restore': ['post'],
  '/v1/vaults/{vault_id}/secrets': ['get'],
  '/v1/vaults/{vault_id}/secrets/{path}': ['get', 'put', 'delete'],
  '/v1/vaults/{vault_id}/policies': ['get', 'post'],
  '/v1/vaults/{vault_id}/policies/{policy_id}': ['put', 'delete'],
  '/v1/agents': ['get', 'post'],
  '/v1/agents/me': ['get'],
  '/v1/agents/enroll': ['post'],
  '/v1/agents/{agent_id}': ['get', 'patch', 'delete'],
  '/v1/agents/{agent_id}/rotate-key': ['post'],
  '/v1/agents/{agent_id}/rotate-identity-keys': ['post'],
  '/v1/org/members': ['get'],
  '/v1/org/invite': ['post'],
  '/v1/org/members/{user_id}': ['patch', 'delete'],
  '/v1/security/ip-rules': ['get', 'post'],
  '/v1/security/ip-rules/{rule_id}': ['delete'],
  '/v1/chains': ['get'],
  '/v1/chains/{identifier}': ['get'],
  '/v1/admin/chains': ['get', 'post'],
  '/v1/admin/chains/{chain_id}': ['put', 'delete'],
  '/v1/admin/settings': ['get'],
  '/v1/admin/settings/{key}': ['put', 'delete'],
  '/v1/admin/x402': ['get', 'put'],
  '/v1/admin/users': ['get'],
  '/v1/admin/users/{user_id}': ['delete'],
  '/v1/admin/orgs/{org_id}/limits': ['get', 'put'],
  '/v1/admin/orgs/{org_id}/billing-tier': ['put'],
  '/v1/audit/events': ['get'],
};

describe('the OpenAPI document', () => {
  it('is of version 3.1 and knows every route', async () => {
    const document = (await gateway().get('/openapi.json')).as<Document>(200);
    expect(document.openapi).toMatch(/^3\.1\./);
    for (const [path, methods] of Object.entries(ROUTES))
      expect(Object.keys(document.paths[path] ?? {})).toEqual(expect.arrayContaining(methods));
  });

  it('describes nothing that is not there', async () => {
    const { paths } = (await gateway().get('/openapi.json')).as<Document>(200);
    for (const [template, item] of Object.entries(paths)) {
      const path = template.replace(/\{[^}]+\}/g, '00000000-0000-7000-8000-000000000000');
      for (const method of Object.keys(item).filter((each) => ['get', 'put', 'post', 'delete', 'patch'].includes(each)))
        expect([method, path, (await gateway().send(method.toUpperCase(), path)).status]).not.toEqual([
          method,
          path,
          405,
        ]);
    }
  });
});
