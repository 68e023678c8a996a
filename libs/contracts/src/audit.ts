export * from './generated/oneclaw/audit/v1/audit.js';
export * from './generated/oneclaw/audit/v1/chain.js';
