export { createApp } from './app.js';
export { configFields, type BillingConfig } from './config.js';
