import type { FastifyReply, FastifyRequest, RequestPayload } from 'fastify';

/** Whoever asks first whether to send its body is told so only now that nothing speaks against the request (RFC 9110, section 10.1.1). */
export function inviteBody(
  { raw }: FastifyRequest,
  reply: FastifyReply,
  body: RequestPayload,
  done: (error: null, body: RequestPayload) => void,
): void {
  if (raw.headers.expect !== undefined && raw.httpVersion === '1.1') reply.raw.writeContinue();
  done(null, body);
}
