import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { ServiceDefinition } from './types.js';

/** The pattern under which Nest keeps the handler of a method: its gRPC path. */
export function methodPath(service: ServiceDefinition, method: string): string {
  return `/${service.fullName}/${service.methods[method]?.name}`;
}

/**
 * Makes a class the server of one proto service: each method of the definition is handled by the class's method of the
 * same name. Declare `implements RpcHandlers<typeof XServiceDefinition>` beside it; the compiler then keeps the two together.
 */
export function RpcController(service: ServiceDefinition): ClassDecorator {
  return (target) => {
    const prototype = target.prototype as object;
    for (const method of Object.keys(service.methods)) {
      const descriptor = Object.getOwnPropertyDescriptor(prototype, method);
      if (!descriptor) throw new Error(`${target.name} does not implement ${service.fullName}.${method}`);
      MessagePattern(methodPath(service, method))(prototype, method, descriptor);
      Payload()(prototype, method, 0);
      Ctx()(prototype, method, 1);
    }
    Controller()(target);
  };
}
