import type { Agent as AgentMessage } from '@oneclaw/contracts/auth';
import type { Agent } from './agent.entity.js';

/** An agent as it crosses the wire: what is not set is left out. */
export function toProto(agent: Agent): AgentMessage {
  return {
    id: agent.id,
    name: agent.name,
    description: agent.description ?? undefined,
    authMethod: agent.authMethod,
    scopes: agent.scopes,
    isActive: agent.isActive,
    intentsApiEnabled: agent.intentsApiEnabled,
    txToAllowlist: agent.txToAllowlist,
    txMaxValueEth: agent.txMaxValueEth ?? undefined,
    txDailyLimitEth: agent.txDailyLimitEth ?? undefined,
    txAllowedChains: agent.txAllowedChains,
    tokenTtlSeconds: agent.tokenTtlSeconds ?? undefined,
    vaultIds: agent.vaultIds,
    clientCertFingerprint: agent.clientCertFingerprint ?? undefined,
    oidcIssuer: agent.oidcIssuer ?? undefined,
    oidcClientId: agent.oidcClientId ?? undefined,
    sshPublicKey: Buffer.from(agent.sshPublicKey),
    ecdhPublicKey: Buffer.from(agent.ecdhPublicKey),
    shroudEnabled: agent.shroudEnabled,
    shroudConfigJson: agent.shroudConfig ?? undefined,
    createdAt: agent.createdAt,
    expiresAt: agent.expiresAt ?? undefined,
    lastActiveAt: agent.lastActiveAt ?? undefined,
    orgId: agent.orgId,
    createdBy: agent.createdBy,
  };
}
