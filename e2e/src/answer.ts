import type { IncomingHttpHeaders } from 'node:http';

/** RFC 9457, with the request id as `instance`. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  fields?: Record<string, string>;
}

/** One answer of the API. Its accessors name the status that the test expects and fail with the body otherwise. */
export class Answer {
  constructor(
    /** `GET /v1/vaults`, for messages. */
    readonly request: string,
    readonly status: number,
    readonly headers: IncomingHttpHeaders,
    readonly bytes: Buffer,
  ) {}

  get text(): string {
    return this.bytes.toString('utf8');
  }

  get json(): unknown {
    return JSON.parse(this.text);
  }

  header(name: string): string | undefined {
    const value = this.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  /** The body of a success. */
  as<T>(status: number): T {
    this.expect(status);
    return this.json as T;
  }

  /** For 204. */
  empty(status = 204): void {
    this.expect(status);
    if (this.bytes.length > 0) throw new Error(`${this.request} answered ${status} with a body: ${this.excerpt}`);
  }

  /** The problem document of a refusal. */
  refused(status: number): Problem {
    this.expect(status);
    return this.json as Problem;
  }

  /** A 400 that names the field at fault. */
  invalid(field: string): Problem {
    const problem = this.refused(400);
    const named = Object.keys(problem.fields ?? {});
    const matches = named.some(
      (name) => name === field || name.startsWith(`${field}.`) || name.startsWith(`${field}[`),
    );
    if (!matches)
      throw new Error(`${this.request}: "fields" should name ${field}, not ${JSON.stringify(problem.fields)}`);
    return problem;
  }

  private expect(status: number): void {
    if (this.status !== status)
      throw new Error(`${this.request} answered ${this.status} where ${status} is right: ${this.excerpt}`);
  }

  private get excerpt(): string {
    return this.text.slice(0, 600) || '(no body)';
  }
}

export function countOf(answers: readonly Answer[], status: number): number {
  return answers.filter((answer) => answer.status === status).length;
}
