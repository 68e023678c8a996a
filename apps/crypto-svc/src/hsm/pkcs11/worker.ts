import { parentPort, workerData } from 'node:worker_threads';
import { HsmError, HsmRefused } from '../hsm.errors.js';
import type { Failure, JobReply, JobRequest, Operation, WorkerRequest, WorkerResponse } from '../pool/messages.js';
import { pack, unpack } from '../pool/packed.js';
import { JOBS } from './jobs.js';
import { describe } from './return-code.js';
import { Token, type TokenOptions } from './token.js';

/** Thread entry: one session, one request at a time, every PKCS#11 call synchronous. */
const token = new Token(workerData as TokenOptions);
const port = parentPort!;
const UNWRAPPING: ReadonlySet<Operation> = new Set(['unwrapDeks', 'unwrapProvenDeks']);

port.on('message', (request: WorkerRequest) => {
  const response = answer(request);
  const moved =
    response.type === 'ran'
      ? response.replies.flatMap((reply) => (reply.type === 'fields' ? [reply.fields.buffer] : []))
      : [];
  port.postMessage(response, moved);
});

function answer(request: WorkerRequest): WorkerResponse {
  try {
    switch (request.type) {
      case 'connect':
        token.connect(request.pin);
        return { type: 'done' };
      case 'finalise':
        token.finalise();
        return { type: 'done' };
      case 'run':
        return { type: 'ran', replies: runAll(request.jobs) };
    }
  } catch (error) {
    return failure(error);
  }
}

/** Once the device has failed, the rest of the jobs is not tried: each try could take as long as the first. */
function runAll(jobs: readonly JobRequest[]): JobReply[] {
  let deviceFailure: JobReply | undefined;
  return jobs.map((job) => {
    if (deviceFailure !== undefined) return deviceFailure;
    const reply = run(job);
    if (reply.type === 'failed' && reply.kind === 'unavailable') deviceFailure = reply;
    return reply;
  });
}

function run(job: JobRequest): JobReply {
  try {
    const results = JOBS[job.operation](token, unpack(job.fields));
    const fields = pack(results);
    if (UNWRAPPING.has(job.operation)) results.forEach((dek) => dek.fill(0));
    return { type: 'fields', fields };
  } catch (error) {
    return failure(error);
  } finally {
    job.fields.fill(0);
  }
}

/** Errors of the device are HSM errors already; what else is thrown is a fault of ours and no reason to reconnect. */
function failure(error: unknown): Failure {
  const { kind, detail } = error instanceof HsmError ? error : new HsmRefused(`crypto-svc failed: ${describe(error)}.`);
  return { type: 'failed', kind, detail };
}
