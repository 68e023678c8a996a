import { STATUS_CODES } from 'node:http';

/** A refusal that only HTTP knows: no domain error has these statuses. */
export class HttpRefusal extends Error {
  constructor(
    readonly status: number,
    readonly detail: string = DETAILS[status] ?? `${STATUS_CODES[status] ?? 'Error'}.`,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.name = 'HttpRefusal';
  }
}

/** What to tell where the framework or the parser refused: its own messages are not for clients. */
const DETAILS: Record<number, string> = {
  400: 'The request is malformed.',
  404: 'There is no such route.',
  405: 'This path does not know the method.',
  408: 'The request did not arrive in time.',
  413: 'The body is too large.',
  414: 'The path is too long.',
  415: 'The body must be application/json in UTF-8, uncompressed.',
  417: 'The only expectation known here is 100-continue.',
  431: 'The headers or the request target are too large.',
  501: 'The method is not known here.',
  505: 'The only versions of HTTP known here are 1.1 and 1.0.',
};
