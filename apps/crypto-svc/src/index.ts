export { createApp } from './app.js';
export { configFields, type CryptoConfig } from './config.js';
