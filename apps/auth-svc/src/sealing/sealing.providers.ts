import { Sealer } from './sealer.js';
import { SealingKeks } from './sealing-keks.js';
import { SealingKeksRepository } from './sealing-keks.repository.js';

export const sealing = [SealingKeksRepository, SealingKeks, Sealer];
