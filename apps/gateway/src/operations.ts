import * as adminOrgs from './admin/orgs.operations.js';
import * as adminSettings from './admin/settings.operations.js';
import * as adminUsers from './admin/users.operations.js';
import * as adminX402 from './admin/x402.operations.js';
import * as agents from './agents/agents.operations.js';
import * as apiKeys from './api-keys/api-keys.operations.js';
import type { OperationSpec } from './api/operation.js';
import * as audit from './audit/audit.operations.js';
import * as auditChain from './audit/audit-chain.operations.js';
import * as auth from './auth/auth.operations.js';
import * as device from './auth/device.operations.js';
import * as profile from './auth/profile.operations.js';
import * as verification from './auth/verification.operations.js';
import * as billing from './billing/billing.operations.js';
import * as chains from './chains/chains.operations.js';
import * as cmek from './cmek/cmek.operations.js';
import * as docs from './docs/docs.operations.js';
import * as health from './health/health.operations.js';
import * as kekRotations from './kek-rotations/kek-rotations.operations.js';
import * as mfa from './mfa/mfa.operations.js';
import * as org from './org/org.operations.js';
import * as notYet from './not-yet/not-yet.operations.js';
import * as pages from './pages/pages.operations.js';
import * as policies from './policies/policies.operations.js';
import * as secrets from './secrets/secrets.operations.js';
import * as ipRules from './security/ip-rules.operations.js';
import * as shares from './shares/shares.operations.js';
import * as vaults from './vaults/vaults.operations.js';

/** Every operation there is. A module of operations exports nothing but operations. */
export const OPERATIONS: readonly OperationSpec[] = [
  auth,
  profile,
  verification,
  apiKeys,
  mfa,
  device,
  vaults,
  kekRotations,
  cmek,
  secrets,
  policies,
  shares,
  agents,
  org,
  ipRules,
  adminSettings,
  adminUsers,
  adminOrgs,
  adminX402,
  chains,
  billing,
  audit,
  notYet,
  auditChain,
  health,
  docs,
  pages,
].flatMap((module) => Object.values(module) as OperationSpec[]);
