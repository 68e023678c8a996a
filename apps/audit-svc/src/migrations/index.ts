import { Events1795219200001 } from './1795219200001-events.js';
import { Consumer1795219200002 } from './1795219200002-consumer.js';
import { Checkpoints1795219200003 } from './1795219200003-checkpoints.js';
import { CoveringIndexes1795219200004 } from './1795219200004-covering-indexes.js';

export const migrations = [
  Events1795219200001,
  Consumer1795219200002,
  Checkpoints1795219200003,
  CoveringIndexes1795219200004,
];
