import type { BatchCaller } from '../access/batch-callers.js';
import type { PutInput } from './put-input.js';

/** One PUT on its way through. */
export interface SecretWrite {
  by: BatchCaller;
  input: PutInput;
  /** Epoch milliseconds; nobody waits for it any longer. */
  deadline: number;
}
