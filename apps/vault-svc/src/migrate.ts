import { migrateMain } from '@oneclaw/database';
import { migrations } from './migrations/index.js';

await migrateMain('vault-svc', migrations);
