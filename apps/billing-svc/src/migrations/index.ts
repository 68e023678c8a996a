import { Usage1795219200001 } from './1795219200001-usage.js';
import { Plans1795392000001 } from './1795392000001-plans.js';
import { Quota1795392000002 } from './1795392000002-quota.js';
import { X402Settings1795392000605 } from './1795392000605-x402-settings.js';

export const migrations = [Usage1795219200001, Plans1795392000001, Quota1795392000002, X402Settings1795392000605];
