export * from './generated/oneclaw/common/v1/error.js';
export * from './generated/oneclaw/common/v1/page.js';
