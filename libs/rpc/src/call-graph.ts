/**
 * Who may call which proto service: the synchronous call graph as data. It has no cycle (a test checks it), crypto-svc and
 * billing-svc serve without asking anyone about a request, and nobody but auth-svc, vault-svc and audit-svc has keys used.
 * billing-svc reads public keys only, to verify who calls. `operator` is whoever runs `hsm rotate-root-key`.
 */
export const CALL_GRAPH: Readonly<Record<string, readonly string[]>> = {
  'oneclaw.auth.v1.SessionService': ['gateway'],
  'oneclaw.auth.v1.AccountService': ['gateway'],
  'oneclaw.auth.v1.ProfileService': ['gateway'],
  'oneclaw.auth.v1.EmailVerificationService': ['gateway'],
  'oneclaw.auth.v1.DeviceLoginService': ['gateway'],
  'oneclaw.auth.v1.DeviceDecisionService': ['gateway'],
  'oneclaw.auth.v1.GoogleLoginService': ['gateway'],
  'oneclaw.auth.v1.ApiKeyService': ['gateway'],
  'oneclaw.auth.v1.ApiKeyTokenService': ['gateway'],
  'oneclaw.auth.v1.MfaService': ['gateway'],
  'oneclaw.auth.v1.MfaLoginService': ['gateway'],
  'oneclaw.auth.v1.AgentTokenService': ['gateway'],
  'oneclaw.auth.v1.AgentLoginService': ['gateway'],
  'oneclaw.auth.v1.EnrollmentService': ['gateway'],
  'oneclaw.auth.v1.AgentService': ['gateway'],
  'oneclaw.auth.v1.OrgCountService': ['gateway'],
  'oneclaw.auth.v1.DirectoryService': ['gateway'],
  'oneclaw.auth.v1.OrgMemberService': ['gateway'],
  'oneclaw.auth.v1.OrgInvitationService': ['gateway'],
  'oneclaw.auth.v1.IpRuleService': ['gateway'],
  'oneclaw.auth.v1.PlatformService': ['gateway'],
  'oneclaw.auth.v1.PlatformStateService': ['gateway'],
  'oneclaw.auth.v1.AuthRootKeyService': ['operator'],
  'oneclaw.vault.v1.ResourceCountService': ['gateway'],
  'oneclaw.vault.v1.VaultService': ['gateway'],
  'oneclaw.vault.v1.SecretReadService': ['gateway'],
  'oneclaw.vault.v1.SecretWriteService': ['gateway'],
  'oneclaw.vault.v1.PolicyService': ['gateway'],
  'oneclaw.vault.v1.KekRotationService': ['gateway'],
  'oneclaw.vault.v1.VaultCmekService': ['gateway'],
  'oneclaw.vault.v1.ShareService': ['gateway'],
  'oneclaw.vault.v1.ShareAccessService': ['gateway'],
  'oneclaw.vault.v1.VaultRootKeyService': ['operator'],
  'oneclaw.vault.v1.HsmHealthService': ['gateway'],
  'oneclaw.vault.v1.AgentKeyVaultService': ['auth-svc'],
  'oneclaw.vault.v1.AgentGrantService': ['auth-svc'],
  'oneclaw.vault.v1.OrgHoldService': ['auth-svc'],
  'oneclaw.vault.v1.ChainService': ['gateway'],
  'oneclaw.vault.v1.ChainAdminService': ['gateway'],
  'oneclaw.billing.v1.PlanService': ['vault-svc', 'auth-svc'],
  'oneclaw.billing.v1.PlanAdminService': ['gateway'],
  'oneclaw.billing.v1.X402AdminService': ['gateway'],
  'oneclaw.billing.v1.QuotaService': ['gateway'],
  'oneclaw.billing.v1.UsageService': ['gateway'],
  'oneclaw.billing.v1.BillingAccountService': ['gateway'],
  'oneclaw.audit.v1.AuditQueryService': ['gateway'],
  'oneclaw.audit.v1.AuditChainService': ['gateway'],
  'oneclaw.audit.v1.CheckpointKeyService': ['gateway'],
  'oneclaw.crypto.v1.EnvelopeService': ['vault-svc', 'auth-svc'],
  'oneclaw.crypto.v1.AgentKeyService': ['vault-svc'],
  'oneclaw.crypto.v1.CmekService': ['vault-svc'],
  'oneclaw.crypto.v1.TokenSigningService': ['auth-svc'],
  'oneclaw.crypto.v1.MacService': ['auth-svc'],
  'oneclaw.crypto.v1.TotpService': ['auth-svc'],
  'oneclaw.crypto.v1.CheckpointService': ['audit-svc'],
  'oneclaw.crypto.v1.HsmStatusService': ['vault-svc', 'auth-svc'],
  'oneclaw.crypto.v1.PublicKeyService': ['auth-svc', 'vault-svc', 'billing-svc', 'audit-svc'],
};

/** Services that must not learn for whom a call is made: clients keep the caller and the client's address to themselves. */
export const BLIND_SERVICES: ReadonlySet<string> = new Set(['crypto-svc']);

/** Which service owns a proto package: "oneclaw.vault.v1.…" → "vault-svc". */
export function ownerOf(protoService: string): string {
  return `${protoService.split('.')[1]}-svc`;
}

/** A service without an entry refuses to start; an empty list means nobody. */
export function allowedCallers(protoService: string): ReadonlySet<string> {
  const callers = CALL_GRAPH[protoService];
  if (!callers) throw new Error(`${protoService} has no list of allowed callers (libs/rpc/src/call-graph.ts)`);
  return new Set(callers);
}
