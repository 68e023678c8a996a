import 'reflect-metadata';
import { loadConfig } from '@oneclaw/config';
import { runMain } from '@oneclaw/rpc';
import { createApp } from './app.js';
import { configFields } from './config.js';

await runMain('crypto-svc', () => createApp(loadConfig(configFields)));
