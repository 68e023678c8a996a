export { createApp } from './app.js';
export { configFields, type VaultConfig } from './config.js';
