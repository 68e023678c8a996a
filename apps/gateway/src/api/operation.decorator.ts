import { Readable } from 'node:stream';
import { Header, HttpCode, Req, RequestMapping, RequestMethod, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Admitting } from './admission.js';
import { type CallOf, type SessionCall, publicCall, sessionCall, visitorCall } from './api-call.js';
import { readInput } from './operation-input.js';
import type { AnswerOf, InputOf, OperationSpec } from './operation.js';
import { StreamedJson } from './streamed-list.js';
import { WithHeaders } from './with-headers.js';

/** A stream where no schema speaks for it is one of JSON text. */
type Answered<S extends OperationSpec> = AnswerOf<S> | WithHeaders<AnswerOf<S>> | StreamedJson | Readable;
type Handler<S extends OperationSpec> = (call: CallOf<S>, input: InputOf<S>) => Promise<Answered<S>> | Answered<S>;

/**
 * Makes a controller method the handler of an operation: Nest routes to it by the operation's method and path, and it is
 * called with who calls and the validated input. The compiler holds its types to the operation's schemas.
 */
export function Operation<S extends OperationSpec>(operation: S) {
  return <H extends Handler<S>>(prototype: object, name: string, descriptor: TypedPropertyDescriptor<H>): void => {
    const handler = descriptor.value as H;
    const makeCall = callMakerOf(operation);
    descriptor.value = async function serve(this: object, request: FastifyRequest, reply: FastifyReply) {
      const call = makeCall(request) as CallOf<S>;
      if (operation.admission) await (this as Admitting).admit(call as SessionCall, operation, request.params);
      const answer = await handler.call(this, call, readInput(operation, request));
      if (answer instanceof WithHeaders) {
        reply.headers(answer.headers);
        return answer.body;
      }
      const body = answer instanceof StreamedJson ? Readable.from(answer.chunks, { objectMode: false }) : answer;
      if (!(body instanceof Readable)) return body;
      // Where the deadline has answered already, nobody else would end the stream.
      if (reply.raw.headersSent) body.destroy();
      reply.header('content-type', operation.answer.media ?? 'application/json; charset=utf-8');
      return body;
    } as unknown as H;
    const headers = Object.entries(operation.answer.headers ?? {}).map(([header, value]) => Header(header, value));
    const route = { method: RequestMethod[operation.method], path: routePath(operation.path) };
    for (const decorate of [
      RequestMapping(route),
      HttpCode(operation.answer.status),
      RouteConfig({ operation }),
      ...headers,
    ]) {
      decorate(prototype, name, descriptor);
    }
    Req()(prototype, name, 0);
    // Passthrough: the handler's answer is still the body.
    Res({ passthrough: true })(prototype, name, 1);
  };
}

function callMakerOf({ access, visitors }: OperationSpec) {
  if (visitors) return visitorCall;
  return access === 'public' ? publicCall : sessionCall;
}

/** Fastify's way to write a path: the wildcard has no name. */
export function routePath(path: string): string {
  return path.replace(/\*\w+$/, '*');
}
