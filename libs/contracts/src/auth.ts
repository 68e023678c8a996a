export * from './generated/oneclaw/auth/v1/account.js';
export * from './generated/oneclaw/auth/v1/agents.js';
export * from './generated/oneclaw/auth/v1/session.js';
