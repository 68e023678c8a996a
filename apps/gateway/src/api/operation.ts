import type { Readable } from 'node:stream';
import type { AuditAction } from '@oneclaw/events';
import type { z } from 'zod';
import type { KeyScope } from './key-scope.js';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Who may call, as far as the kind of caller decides it; roles and policies are for the services. */
export interface SessionAccess {
  users: boolean;
  /** `itself`: only where the path names the agent that calls. */
  agents: boolean | 'itself';
  /** Not with a personal API key, nor with a session that began with one: it needs a person who has just logged in. */
  interactive?: true;
  /**
   * What a user must be, for the document: the services decide it, after validation. Owners and admins: of the org, or of the
   * platform org.
   */
  only?: 'managers' | 'platform';
}

/** `public` operations never look at the Authorization header. */
export type Access = 'public' | SessionAccess;

export interface Answer {
  /** 501: declared, and not served yet. */
  status: 200 | 201 | 202 | 204 | 501;
  description: string;
  schema?: z.ZodType;
  /** Of what is no JSON object and comes as a stream. */
  media?: string;
  /** Headers that depend on what is answered, by name with what they say; the handler sends them by `WithHeaders`. */
  tells?: Readonly<Record<string, string>>;
  /** Of pages and files, whose handler answers text or bytes. */
  headers?: Readonly<Record<string, string>>;
}

/** Other statuses that this operation answers; those of the pipeline (401, 429, 500 …) are added by themselves. */
export type RefusalStatus = 400 | 401 | 403 | 404 | 409 | 410 | 412;

export type BucketName = 'signup' | 'enroll' | 'device_code';

/** One operation of the API: routing, validation, access and documentation are all read from it. */
export interface OperationSpec {
  /** operationId of the OpenAPI document. */
  id: string;
  method: HttpMethod;
  /** `:name` for a segment, `*name` at the end for a path of several. */
  path: string;
  tag: string;
  summary: string;
  description?: string;
  access: Access;
  /** What a personal API key with scopes must cover. Without it, no such key opens the operation. */
  keyScope?: KeyScope;
  /** How the audit trail names an attempt that is refused here: action, kind of resource, and the parameter with its id. */
  audit?: { action: AuditAction; resource: string; idFrom?: string };
  /** The controller's `admit` is asked before anything but the path is looked at. */
  admission?: true;
  params?: z.ZodObject;
  query?: z.ZodObject;
  /** Request headers, by name in lower case. */
  headers?: z.ZodObject;
  body?: z.ZodObject;
  answer: Answer;
  /** Statuses besides `answer` whose body is no problem document. */
  otherAnswers?: Readonly<Record<number, { description: string; schema?: z.ZodType }>>;
  refusals?: readonly RefusalStatus[];
  /** A stricter rate limit on top of the general one. */
  bucket?: BucketName;
  /** Public, but it matters who comes: the handler gets a `VisitorCall`. */
  visitors?: true;
  /** What clients get that prefer HTML, before anything else is done; the operation itself is for their scripts. */
  page?: string;
  /** The handler is told the fingerprint of the client's certificate, if there is one. */
  clientCertificate?: true;
  /** Seconds that caches may keep the answer; without it, nobody may. */
  cacheSeconds?: number;
  /** False keeps it out of the OpenAPI document (pages). */
  documented?: false;
}

/** Declares an operation with its exact types. */
export function defineOperation<const S extends OperationSpec>(spec: S): S {
  return spec;
}

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;

/** What a controller method gets of the request, validated. */
export type InputOf<S extends OperationSpec> = {
  params: Parsed<S['params']>;
  query: Parsed<S['query']>;
  body: Parsed<S['body']>;
} & (S extends { headers: infer H } ? { headers: Parsed<H> } : unknown);

/** What a controller method answers. */
export type AnswerOf<S extends OperationSpec> = S['answer'] extends { schema: infer Z extends z.ZodType }
  ? z.output<Z>
  : S['answer'] extends { media: string }
    ? Readable
    : S['answer'] extends { headers: object }
      ? string | Buffer
      : void;
