import type { HsmErrorKind } from '../hsm.errors.js';

/** What travels between the pool and its worker threads. A worker has one request at a time and gives one response. */
export type WorkerRequest =
  { type: 'connect'; pin: string } | { type: 'run'; jobs: readonly JobRequest[] } | { type: 'finalise' };

export type WorkerResponse = { type: 'done' } | { type: 'ran'; replies: readonly JobReply[] } | Failure;

export interface JobRequest {
  operation: Operation;
  /** See packed.ts; which fields, each operation says in pkcs11/jobs.ts. */
  fields: Uint8Array<ArrayBuffer>;
}

export type JobReply = { type: 'fields'; fields: Uint8Array<ArrayBuffer> } | Failure;

export interface Failure {
  type: 'failed';
  kind: HsmErrorKind;
  /** For operators. */
  detail: string;
}

export type Operation =
  'createKeks' | 'rewrapKeks' | 'wrapDeks' | 'unwrapDeks' | 'unwrapProvenDeks' | 'sign' | 'mac' | 'listKeys' | 'probe';
