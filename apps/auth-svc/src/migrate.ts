import { migrateMain } from '@oneclaw/database';
import { migrations } from './migrations/index.js';

await migrateMain('auth-svc', migrations);
