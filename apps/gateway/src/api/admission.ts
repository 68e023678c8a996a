import type { SessionCall } from './api-call.js';
import type { OperationSpec } from './operation.js';

/** A controller of operations that some callers may not use at all, whatever they ask for. */
export interface Admitting {
  /** Throws where the caller is refused. The parameters are as they stand in the path. */
  admit(call: SessionCall, operation: OperationSpec, params: unknown): Promise<void>;
}
