import { Header, HttpCode, Req, RequestMapping, RequestMethod } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { type CallOf, publicCall, sessionCall } from './api-call.js';
import { readInput } from './operation-input.js';
import type { AnswerOf, InputOf, OperationSpec } from './operation.js';

type Handler<S extends OperationSpec> = (call: CallOf<S>, input: InputOf<S>) => Promise<AnswerOf<S>> | AnswerOf<S>;

/**
 * Makes a controller method the handler of an operation: Nest routes to it by the operation's method and path, and it is
 * called with who calls and the validated input. The compiler holds its types to the operation's schemas.
 */
export function Operation<S extends OperationSpec>(operation: S) {
  return <H extends Handler<S>>(prototype: object, name: string, descriptor: TypedPropertyDescriptor<H>): void => {
    const handler = descriptor.value as H;
    const makeCall = operation.access === 'public' ? publicCall : sessionCall;
    descriptor.value = function serve(this: object, request: FastifyRequest) {
      return handler.call(this, makeCall(request) as CallOf<S>, readInput(operation, request));
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
  };
}

/** Fastify's way to write a path: the wildcard has no name. */
export function routePath(path: string): string {
  return path.replace(/\*\w+$/, '*');
}
