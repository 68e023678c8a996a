/**
 * Who gets what from every operation of the OpenAPI document: one row each, and the status for every kind of caller.
 *
 *   nobody    no token, a token that is none, an expired one, a revoked one
 *   stranger  the owner of another org
 *   agent     an agent of the org, with policies for everything in the vault
 *   key       a personal API key of the owner, limited to vaults:read and secrets:read
 *   member, admin, owner   of the org; the owner made what the path names
 *   platform  the admin of the platform org
 *
 * A single status is everybody's: of public operations, and of those that refuse everybody in the same way.
 * What the path names is made anew after every change; see MAKERS and BODIES in matrix.ts.
 */
const TABLE = `
                                                          nobody stranger agent key member admin owner platform
GET    /v1/health                                         200
GET    /v1/health/hsm                                     200
GET    /.well-known/jwks.json                             200
GET    /.well-known/audit-checkpoint-keys.json            200
GET    /v1/auth/jwt-public-key                            200
POST   /v1/auth/signup                                    200
POST   /v1/auth/verify-email                              400
POST   /v1/auth/token                                     401
POST   /v1/auth/agent-token                               200
POST   /v1/auth/api-key-token                             401
POST   /v1/auth/google                                    400
POST   /v1/auth/refresh                                   400
POST   /v1/auth/mfa/verify                                401
POST   /v1/auth/device/code                               200
POST   /v1/auth/device/token                              200
GET    /v1/auth/device/code/{user_code}                   200
POST   /v1/agents/enroll                                  201
GET    /v1/share/{share_id}                               200
GET    /v1/chains                                         200
GET    /v1/chains/{identifier}                            200
POST   /v1/billing/webhooks                               501

GET    /v1/auth/me                                        401  200  403  200  200  200  200  200
PATCH  /v1/auth/me                                        401  200  403  403  200  200  200  200
DELETE /v1/auth/me                                        401  400  403  403  400  400  400  400
DELETE /v1/auth/token                                     401  204  204  400  204  204  204  204
POST   /v1/auth/change-password                           401  400  403  403  400  400  400  400
GET    /v1/auth/api-keys                                  401  200  403  403  200  200  200  200
POST   /v1/auth/api-keys                                  401  201  403  403  201  201  201  201
DELETE /v1/auth/api-keys/{key_id}                         401  404  403  403  404  404  204  404
GET    /v1/auth/mfa/status                                401  200  403  403  200  200  200  200
POST   /v1/auth/mfa/setup                                 401  200  403  403  200  200  200  200
POST   /v1/auth/mfa/verify-setup                          401  400  403  403  400  400  400  400
DELETE /v1/auth/mfa                                       401  400  403  403  400  400  400  400
POST   /v1/auth/device/approve                            401  200  403  403  200  200  200  200
POST   /v1/auth/device/deny                               401  200  403  403  200  200  200  200

GET    /v1/vaults                                         401  200  200  200  200  200  200  200
POST   /v1/vaults                                         401  201  403  403  201  201  201  201
GET    /v1/vaults/{vault_id}                              401  404  200  200  403  200  200  404
DELETE /v1/vaults/{vault_id}                              401  404  403  403  403  204  204  404
GET    /v1/vaults/{vault_id}/rotate-kek                   401  404  403  200  403  200  200  404
POST   /v1/vaults/{vault_id}/rotate-kek                   401  404  403  403  403  202  202  404
POST   /v1/vaults/{vault_id}/cmek                         401  404  403  403  403  200  200  404
DELETE /v1/vaults/{vault_id}/cmek                         401  404  403  403  403  200  200  404
POST   /v1/vaults/{vault_id}/cmek-rotate                  401  404  403  403  403  202  202  404
GET    /v1/vaults/{vault_id}/cmek-rotate/{job_id}         401  404  403  200  403  200  200  404

GET    /v1/vaults/{vault_id}/secrets                      401  404  200  200  403  200  200  404
GET    /v1/vaults/{vault_id}/secrets/{path}               401  404  200  200  403  403  200  404
PUT    /v1/vaults/{vault_id}/secrets/{path}               401  404  201  403  403  403  201  404
DELETE /v1/vaults/{vault_id}/secrets/{path}               401  404  204  403  403  403  204  404
POST   /v1/vaults/{vault_id}/restore                      401  404  200  403  403  403  200  404

GET    /v1/vaults/{vault_id}/policies                     401  404  403  403  403  200  200  404
POST   /v1/vaults/{vault_id}/policies                     401  404  403  403  403  201  201  404
PUT    /v1/vaults/{vault_id}/policies/{policy_id}         401  404  403  403  403  200  200  404
DELETE /v1/vaults/{vault_id}/policies/{policy_id}         401  404  403  403  403  204  204  404
POST   /v1/vaults/{vault_id}/policies/explain             401  404  403  403  403  200  200  404

GET    /v1/agents                                         401  200  403  403  200  200  200  200
POST   /v1/agents                                         401  201  403  403  201  201  201  201
GET    /v1/agents/me                                      401  403  200  403  403  403  403  403
GET    /v1/agents/{agent_id}                              401  404  403  403  403  200  200  404
PATCH  /v1/agents/{agent_id}                              401  404  403  403  403  200  200  404
DELETE /v1/agents/{agent_id}                              401  404  403  403  403  204  204  404
POST   /v1/agents/{agent_id}/rotate-key                   401  404  403  403  403  200  200  404
POST   /v1/agents/{agent_id}/rotate-identity-keys         401  404  403  403  403  200  200  404

POST   /v1/agents/{agent_id}/transactions                 401  403  403  403  403  403  403  403
GET    /v1/agents/{agent_id}/transactions                 401  501  403  403  501  501  501  501
GET    /v1/agents/{agent_id}/transactions/{tx_id}         401  501  403  403  501  501  501  501
POST   /v1/agents/{agent_id}/transactions/simulate        401  403  403  403  403  403  403  403
POST   /v1/agents/{agent_id}/transactions/simulate-bundle 401  403  403  403  403  403  403  403

POST   /v1/secrets/{secret_id}/share                      401  404  201  403  403  403  201  404
DELETE /v1/share/{share_id}                               401  404  403  403  403  403  204  404
GET    /v1/shares/inbound                                 401  200  200  403  200  200  200  200
GET    /v1/shares/outbound                                401  200  200  403  200  200  200  200
POST   /v1/shares/{share_id}/accept                       401  404  404  403  404  404  404  404
POST   /v1/shares/{share_id}/decline                      401  404  404  403  404  404  404  404

GET    /v1/audit/events                                   401  200  200  403  200  200  200  200
GET    /v1/audit/verify                                   401  200  403  403  403  200  200  200
GET    /v1/audit/export                                   401  200  403  403  403  200  200  200

GET    /v1/org/members                                    401  200  403  403  403  200  200  200
PATCH  /v1/org/members/{user_id}                          401  404  403  403  403  200  200  404
DELETE /v1/org/members/{user_id}                          401  404  403  403  403  204  204  404
POST   /v1/org/invite                                     401  200  403  403  403  200  200  200
GET    /v1/org/invitations                                401  200  403  403  403  200  200  200
DELETE /v1/org/invitations/{invitation_id}                401  404  403  403  403  204  204  404
GET    /v1/security/ip-rules                              401  200  403  403  403  200  200  200
POST   /v1/security/ip-rules                              401  201  403  403  403  201  201  201
DELETE /v1/security/ip-rules/{rule_id}                    401  404  403  403  403  204  204  404

GET    /v1/billing/usage                                  401  200  403  403  200  200  200  200
GET    /v1/billing/subscription                           401  200  403  403  200  200  200  200
GET    /v1/billing/history                                401  200  403  403  200  200  200  200
GET    /v1/billing/credits/balance                        401  200  403  403  200  200  200  200
PATCH  /v1/billing/overage-method                         401  200  403  403  403  200  200  200
POST   /v1/billing/subscribe                              401  501  403  403  501  501  501  501
POST   /v1/billing/portal                                 401  501  403  403  501  501  501  501
POST   /v1/billing/credits/topup                          401  501  403  403  501  501  501  501
GET    /v1/billing/credits/transactions                   401  501  403  403  501  501  501  501

GET    /v1/admin/settings                                 401  403  403  403  403  403  403  200
PUT    /v1/admin/settings/{key}                           401  403  403  403  403  403  403  200
DELETE /v1/admin/settings/{key}                           401  403  403  403  403  403  403  204
GET    /v1/admin/x402                                     401  403  403  403  403  403  403  200
PUT    /v1/admin/x402                                     401  403  403  403  403  403  403  200
GET    /v1/admin/users                                    401  403  403  403  403  403  403  200
DELETE /v1/admin/users/{user_id}                          401  403  403  403  403  403  403  204
GET    /v1/admin/orgs/{org_id}/limits                     401  403  403  403  403  403  403  200
PUT    /v1/admin/orgs/{org_id}/limits                     401  403  403  403  403  403  403  200
PUT    /v1/admin/orgs/{org_id}/billing-tier               401  403  403  403  403  403  403  200
GET    /v1/admin/chains                                   401  403  403  403  403  403  403  200
POST   /v1/admin/chains                                   401  403  403  403  403  403  403  201
PUT    /v1/admin/chains/{chain_id}                        401  403  403  403  403  403  403  200
DELETE /v1/admin/chains/{chain_id}                        401  403  403  403  403  403  403  204
`;

export const KINDS = ['nobody', 'stranger', 'agent', 'key', 'member', 'admin', 'owner', 'platform'] as const;

export type Kind = (typeof KINDS)[number];

/** By kind of caller. */
export type Row = Record<Kind, number>;

/** By method and path as the document writes them. */
export const MATRIX: ReadonlyMap<string, Row> = new Map(
  TABLE.split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([method = '']) => /^[A-Z]+$/.test(method))
    .map(([method, template, ...statuses]) => [`${method} ${template}`, rowOf(statuses)]),
);

function rowOf(statuses: string[]): Row {
  const all = statuses.length === 1 ? KINDS.map(() => statuses[0]) : statuses;
  if (all.length !== KINDS.length) throw new Error(`A row has ${statuses.length} statuses: ${statuses.join(' ')}`);
  return Object.fromEntries(KINDS.map((kind, index) => [kind, Number(all[index])])) as Row;
}
