import 'reflect-metadata';
import { loadConfig } from '@oneclaw/config';
import { runMain } from '@oneclaw/rpc';
import { createApp } from './app.js';
import { configFields } from './config.js';

await runMain('billing-svc', () => createApp(loadConfig(configFields)));
