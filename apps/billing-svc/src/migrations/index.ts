import { Usage1795219200001 } from './1795219200001-usage.js';

export const migrations = [Usage1795219200001];
