export { createApp } from './app.js';
export { configFields, type AuditConfig } from './config.js';
export { migrations } from './migrations/index.js';
