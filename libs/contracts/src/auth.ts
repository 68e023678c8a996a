export * from './generated/oneclaw/auth/v1/account.js';
export * from './generated/oneclaw/auth/v1/agents.js';
export * from './generated/oneclaw/auth/v1/api_key.js';
export * from './generated/oneclaw/auth/v1/email_verification.js';
export * from './generated/oneclaw/auth/v1/google_login.js';
export * from './generated/oneclaw/auth/v1/mfa.js';
export * from './generated/oneclaw/auth/v1/profile.js';
export * from './generated/oneclaw/auth/v1/session.js';
