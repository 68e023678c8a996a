export { createApp } from './app.js';
export { configFields, type AuthConfig } from './config.js';
export { migrations } from './migrations/index.js';
