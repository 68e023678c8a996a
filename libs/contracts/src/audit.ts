export * from './generated/oneclaw/audit/v1/audit.js';
