import type { Caller } from '@oneclaw/caller';

interface Codec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(input: Uint8Array): T;
  fromPartial(object: never): T;
}

interface MethodDefinition {
  readonly name: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the codecs' message types are recovered by inference below
  readonly requestType: any;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  readonly responseType: any;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly options: { readonly idempotencyLevel?: string };
}

/** What ts-proto generates as `generic-definitions`; all our RPCs are unary. */
export interface ServiceDefinition {
  readonly name: string;
  readonly fullName: string;
  readonly methods: Readonly<Record<string, MethodDefinition>>;
}

type Message<C> = C extends { decode(input: never, length?: number): infer T }
  ? T
  : C extends Codec<infer T>
    ? T
    : never;
type Partialized<C> = C extends { fromPartial(object: infer P): unknown } ? P : never;

/** Facts about a call that every handler gets as its second argument. */
export interface CallContext {
  /** The client's X-Request-Id or one made by the gateway. */
  requestId: string;
  /** Epoch milliseconds; pass it on with every call made for this one. */
  deadline: number;
  /** The HTTP client's address as the gateway saw it; empty outside a request. */
  clientIp: string;
  /** The service that calls, from its certificate (mTLS) or its word (plaintext, local only). */
  peer: string;
  /** Who calls, verified; absent on calls before login. */
  caller: Caller | undefined;
  /** The assertion that proved it, to be passed on. */
  assertion: string | undefined;
}

/** What a call needs to know about the request that it is made for. A CallContext is one. */
export interface OutgoingCall {
  requestId: string;
  /** Epoch milliseconds; the call gets the rest less a margin for the way back. Absent = the channel's default timeout. */
  deadline?: number | undefined;
  clientIp?: string | undefined;
  assertion?: string | undefined;
}

/** The class that serves `D` implements this, so that a changed proto stops compiling. */
export type RpcHandlers<D extends ServiceDefinition> = {
  [M in keyof D['methods']]: (
    request: Message<D['methods'][M]['requestType']>,
    context: CallContext,
  ) => Promise<Partialized<D['methods'][M]['responseType']>>;
};

/** Rejects with DomainError only. */
export type RpcClient<D extends ServiceDefinition> = {
  [M in keyof D['methods']]: (
    request: Partialized<D['methods'][M]['requestType']>,
    call: OutgoingCall,
  ) => Promise<Message<D['methods'][M]['responseType']>>;
};
