import { loadConfig } from '@oneclaw/config';
import { runMain } from '@oneclaw/rpc';
import { createApp } from './app.js';
import { configFields } from './config.js';

await runMain('vault-svc', () => createApp(loadConfig(configFields)));
