import type { Type } from '@nestjs/common';
import { CallerVerifier, VerificationKeys } from '@oneclaw/caller';
import { notFound } from '@oneclaw/errors';
import { RpcController, type RpcHandlers, type Service, type ServiceDefinition, createService } from '@oneclaw/rpc';
import type { TestSigner } from './test-signer.js';

export const LOCAL = { ONECLAW_PROFILE: 'local', LOG_LEVEL: 'silent', TLS_MODE: 'plaintext' } as const;
export const ANY_PORT = { host: '127.0.0.1', port: 0 };

/** Handlers that a test may exchange while the stub runs. */
export type Handlers<D extends ServiceDefinition> = { -readonly [M in keyof RpcHandlers<D>]?: RpcHandlers<D>[M] };

/** One proto service of a stub: what a test does not answer is "not found". */
export interface StubPart {
  definition: ServiceDefinition;
  handlers: object;
}

export function part<D extends ServiceDefinition>(definition: D, handlers: Handlers<D>): StubPart {
  return { definition, handlers };
}

/** A real gRPC server with canned answers in place of a service. It verifies callers like the real one. */
export async function startStub(name: string, signer: TestSigner, parts: readonly StubPart[]): Promise<Service> {
  const keys = new VerificationKeys(() => Promise.resolve([signer.verificationKey]));
  const verifier = { provide: CallerVerifier, useValue: new CallerVerifier(keys) };
  return createService({
    name,
    config: { ...LOCAL, ADMIN_LISTEN: ANY_PORT, GRPC_LISTEN: ANY_PORT },
    module: {
      module: class StubModule {},
      controllers: parts.map(controllerOf),
      providers: [verifier],
      exports: [verifier],
    },
    services: parts.map(({ definition }) => definition),
    verifiesCallers: true,
  });
}

/** Looks the handler up at each call, so that a test may exchange it while the stub runs. */
function controllerOf({ definition, handlers }: StubPart): Type {
  class Stub {}
  const table = handlers as Record<string, ((request: unknown, context: unknown) => unknown) | undefined>;
  for (const method of Object.keys(definition.methods)) {
    const value = async (request: unknown, context: unknown): Promise<unknown> => {
      const handler = table[method];
      if (!handler) throw notFound('What the stub was asked for');
      return handler(request, context);
    };
    Object.defineProperty(Stub.prototype, method, { value, writable: true, configurable: true });
  }
  RpcController(definition)(Stub);
  return Stub;
}
