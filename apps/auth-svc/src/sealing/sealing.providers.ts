import { RootKeyRotation, RootKeysRepository } from '@oneclaw/database';
import { DataSource } from 'typeorm';
import { Sealer } from './sealer.js';
import { SealingKeks } from './sealing-keks.js';
import { SealingKeksRepository } from './sealing-keks.repository.js';

const rootKeys = [
  { provide: RootKeysRepository, useFactory: () => new RootKeysRepository('sealing_keks') },
  {
    provide: RootKeyRotation,
    inject: [DataSource, RootKeysRepository],
    useFactory: (database: DataSource, keks: RootKeysRepository) => new RootKeyRotation(database, keks),
  },
];

export const sealing = [SealingKeksRepository, SealingKeks, Sealer, ...rootKeys];
