export * from './generated/oneclaw/billing/v1/usage.js';
