export * from './generated/oneclaw/billing/v1/billing_account.js';
export * from './generated/oneclaw/billing/v1/plans.js';
export * from './generated/oneclaw/billing/v1/quota.js';
export * from './generated/oneclaw/billing/v1/usage.js';
export * from './generated/oneclaw/billing/v1/x402.js';
