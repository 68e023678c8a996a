export * from './generated/oneclaw/crypto/v1/agent_keys.js';
export * from './generated/oneclaw/crypto/v1/cmek.js';
export * from './generated/oneclaw/crypto/v1/envelope.js';
export * from './generated/oneclaw/crypto/v1/signing.js';
export * from './generated/oneclaw/crypto/v1/status.js';
export * from './generated/oneclaw/crypto/v1/totp.js';
