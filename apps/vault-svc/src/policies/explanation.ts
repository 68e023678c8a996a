import type { AccessRequest, Decision, Explanation, Finding, Mismatch } from './engine/index.js';

/** What decided about a request. */
export type Layer = 'principal' | 'vault_binding' | 'scope' | 'system_vault' | 'owner' | 'policy' | 'default_deny';

/** A decision in words, for whoever wonders about it. */
export interface AccessExplanation {
  allowed: boolean;
  layer: Layer;
  reason: string;
  detail: string;
  policyId: string;
  at: Date;
  policies: PolicyFinding[];
  policiesOmitted: number;
  notes: string[];
}

export interface PolicyFinding {
  policyId: string;
  secretPathPattern: string;
  mismatches: { check: Mismatch; detail: string }[];
}

/** Layer and sentence of everything that the evaluator answers. */
const REASONS: Record<Decision['reason'], [Layer, string]> = {
  creator: ['owner', 'The user created this vault, and may do everything in it.'],
  policy: ['policy', 'A policy allows it.'],
  other_org: ['default_deny', 'The principal belongs to another organisation.'],
  vault_not_bound: ['vault_binding', 'The agent is bound to other vaults: this one is not among its vault_ids.'],
  outside_scope: ['scope', 'None of the path patterns in the scopes of the agent matches the path.'],
  system_vault: ['system_vault', 'Nobody writes to the vault of agent keys or deletes from it.'],
  no_policy: [
    'default_deny',
    'No policy of the principal in this vault matches the path. Roles give no access to values.',
  ],
  no_permission: ['default_deny', 'Policies match the path, but none of them gives this permission.'],
  policy_expired: ['default_deny', 'Policies match the path and give this permission, but they have expired.'],
  ip_not_allowed: ['default_deny', 'The policies that come nearest do not allow the address.'],
  outside_time_window: ['default_deny', 'The policies that come nearest do not allow the moment.'],
  too_complex: ['default_deny', 'The patterns of the policies take too long to match. Use fewer or simpler ones.'],
};

const INTENTS_NOTE =
  'The agent uses the Intents API: secrets of the types private_key and ssh_key are refused to it, whatever policies say.';

/** @param policies how many there are, of which `findings` may be a part. */
export function explanationOf(
  request: AccessRequest,
  { decision, findings }: Explanation,
  { policies, intentsEnabled }: { policies: number; intentsEnabled: boolean },
): AccessExplanation {
  const [layer, detail] = REASONS[decision.reason];
  return {
    allowed: decision.allowed,
    layer,
    reason: decision.reason,
    detail,
    policyId: decision.allowed ? (decision.policyId ?? '') : '',
    at: new Date(request.at),
    policies: findings.map((finding) => toFinding(finding, request)),
    policiesOmitted: policies - findings.length,
    notes: intentsEnabled && request.action === 'read' ? [INTENTS_NOTE] : [],
  };
}

/** Of a principal that exists, but cannot call. */
export function explanationOfInactive(at: Date): AccessExplanation {
  const detail = 'The agent is deactivated or has expired: it cannot call at all.';
  const nothing = { policyId: '', policies: [], policiesOmitted: 0, notes: [] };
  return { allowed: false, layer: 'principal', reason: 'principal_inactive', detail, at, ...nothing };
}

function toFinding({ policy, mismatches }: Finding, request: AccessRequest): PolicyFinding {
  return {
    policyId: policy.id,
    secretPathPattern: policy.pattern.text,
    mismatches: mismatches.map((check) => ({ check, detail: DETAILS[check](policy, request) })),
  };
}

const DETAILS: Record<Mismatch, (policy: Finding['policy'], request: AccessRequest) => string> = {
  pattern: ({ pattern }) => `Its pattern "${pattern.text}" does not match the path.`,
  permission: ({ permissions }, { action }) => `It gives ${[...permissions].join(', ')}, and not ${action}.`,
  expired: ({ expiresAt }) => `It expired at ${new Date(expiresAt).toISOString()}.`,
  ip_allowlist: (_policy, { ip }) =>
    ip === '' ? 'It has an ip_allowlist, and no address was asked about.' : `Its ip_allowlist does not have ${ip}.`,
  time_window: (_policy, { at }) => `Its time_window is not open at ${new Date(at).toISOString()}.`,
};
