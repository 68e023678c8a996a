import { type ServiceError, status } from '@grpc/grpc-js';
import type { RpcChannel } from './client.js';
import { Health, ServingStatus } from './health-protocol.js';
import { CURRENT } from './health-service.js';

/** late: it serves, and what it does after its answers, such as the audit trail, is behind. */
export type PeerHealth = 'ok' | 'late' | 'down';

/** Whether a replica at the other end answers in time that it serves (the standard gRPC health protocol). Never rejects. */
export async function isServing(channel: RpcChannel, timeoutMs: number): Promise<boolean> {
  return (await ask(channel, '', timeoutMs)) === 'SERVING';
}

/** How a replica at the other end is, in at most twice the time. One of a release that knows no lag counts by whether it serves. Never rejects. */
export async function peerHealth(channel: RpcChannel, timeoutMs: number): Promise<PeerHealth> {
  const current = await ask(channel, CURRENT, timeoutMs);
  if (current === 'SERVING') return 'ok';
  if (current === 'DOWN') return 'down';
  if (!(await isServing(channel, timeoutMs))) return 'down';
  return current === 'UNKNOWN_NAME' ? 'ok' : 'late';
}

type Answer = 'SERVING' | 'NOT_SERVING' | 'UNKNOWN_NAME' | 'DOWN';

function ask(channel: RpcChannel, service: string, timeoutMs: number): Promise<Answer> {
  const { path, requestSerialize, responseDeserialize } = Health.check;
  return new Promise((resolve) => {
    channel.client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      { service },
      channel.metadataFor({ requestId: 'health' }),
      { deadline: Date.now() + timeoutMs },
      (error: ServiceError | null, answer) => {
        if (error) return resolve(error.code === status.NOT_FOUND ? 'UNKNOWN_NAME' : 'DOWN');
        resolve(answer?.status === ServingStatus.SERVING ? 'SERVING' : 'NOT_SERVING');
      },
    );
  });
}
