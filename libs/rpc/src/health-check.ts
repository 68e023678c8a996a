import type { ServiceError } from '@grpc/grpc-js';
import { service as health } from 'grpc-health-check';
import type { RpcChannel } from './client.js';

/** Whether a replica at the other end answers in time that it serves (the standard gRPC health protocol). Never rejects. */
export async function isServing(channel: RpcChannel, timeoutMs: number): Promise<boolean> {
  const { path, requestSerialize, responseDeserialize } = health['Check']!;
  return new Promise((resolve) => {
    channel.client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      { service: '' },
      channel.metadataFor({ requestId: 'health' }),
      { deadline: Date.now() + timeoutMs },
      (error: ServiceError | null, answer) => resolve(!error && (answer as { status: string }).status === 'SERVING'),
    );
  });
}
