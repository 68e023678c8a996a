export * from './generated/oneclaw/billing/v1/plans.js';
export * from './generated/oneclaw/billing/v1/usage.js';
