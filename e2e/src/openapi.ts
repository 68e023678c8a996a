import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Answer } from './answer.js';

interface Response {
  $ref?: string;
  content?: Record<string, { schema?: object }>;
}

interface Operation {
  responses: Record<string, Response>;
}

export interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, object>; responses?: Record<string, Response> };
}

interface Route {
  template: string;
  pattern: RegExp;
  parameters: number;
}

/** Served beside the API, not part of it. */
const PAGES = /^\/(openapi\.json|docs|verify-email|device|pages\/.+)$/;
const METHODS = ['get', 'put', 'post', 'delete', 'patch'];
const ID = 'openapi';
const documents = new Map<string, Promise<OpenApi>>();

/** The document that the gateway at this address serves, fetched once per test file. */
export function openApiOf(baseUrl: string): Promise<OpenApi> {
  const known = documents.get(baseUrl) ?? fetchDocument(baseUrl);
  documents.set(baseUrl, known);
  return known;
}

async function fetchDocument(baseUrl: string): Promise<OpenApi> {
  const response = await fetch(`${baseUrl}/openapi.json`);
  if (!response.ok) throw new Error(`GET /openapi.json answered ${response.status}`);
  return new OpenApi((await response.json()) as Document);
}

export class OpenApi {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
  private readonly routes: Route[];
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(readonly document: Document) {
    (addFormats as unknown as (ajv: Ajv2020) => void)(this.ajv);
    this.ajv.addSchema(document, ID, undefined, false);
    this.routes = Object.keys(document.paths)
      .map((template) => ({ template, pattern: toPattern(template), parameters: template.split('{').length - 1 }))
      .sort((a, b) => a.parameters - b.parameters);
  }

  /** Secret paths are the one parameter that runs over slashes. */
  find(pathname: string): string | undefined {
    return this.routes.find((route) => route.pattern.test(pathname))?.template;
  }

  methods(template: string): string[] {
    return METHODS.filter((method) => this.document.paths[template]?.[method]).map((method) => method.toUpperCase());
  }

  response(template: string, method: string, status: number): { pointer: string; response: Response } | undefined {
    const responses = this.document.paths[template]?.[method.toLowerCase()]?.responses ?? {};
    // A default answer would document everything, so it documents nothing here.
    const key = [String(status), `${String(status)[0]}XX`].find((each) => responses[each]);
    if (key === undefined) return undefined;
    const pointer = `/paths/${escape(template)}/${method.toLowerCase()}/responses/${escape(key)}`;
    return this.follow(pointer, responses[key] as Response);
  }

  validate(pointer: string, value: unknown): string | undefined {
    const validator = this.validators.get(pointer) ?? this.ajv.compile({ $ref: `${ID}#${encodeURI(pointer)}` });
    this.validators.set(pointer, validator);
    return validator(value) ? undefined : this.ajv.errorsText(validator.errors);
  }

  private follow(pointer: string, response: Response): { pointer: string; response: Response } {
    const name = response.$ref?.replace('#/components/responses/', '');
    if (name === undefined) return { pointer, response };
    const target = this.document.components?.responses?.[name];
    if (!target) throw new Error(`The OpenAPI document refers to ${response.$ref}, which it does not have.`);
    return { pointer: `/components/responses/${escape(name)}`, response: target };
  }
}

/** Throws unless the answer is one that the document promises: its status, its media type, its schema. */
export function checkDocumented(api: OpenApi, method: string, pathname: string, answer: Answer): void {
  const fail = (why: string): never => {
    throw new Error(
      `${answer.request} (${answer.status}) departs from /openapi.json: ${why}\n${answer.text.slice(0, 600)}`,
    );
  };
  if (PAGES.test(pathname)) return;
  const template = api.find(pathname);
  if (template === undefined) return answer.status === 404 ? undefined : fail('no such path is documented');
  if (!api.methods(template).includes(method)) {
    if (answer.status !== 405) fail(`${template} documents no ${method}`);
    const allowed = (answer.header('allow') ?? '')
      .split(/,\s*/)
      .filter((each) => each !== 'HEAD' && each !== 'OPTIONS');
    return allowed.sort().join() === api.methods(template).sort().join()
      ? undefined
      : fail(`Allow is ${allowed.join()}`);
  }
  const found = api.response(template, method, answer.status) ?? fail('this status is not documented');
  const media = answer.header('content-type')?.split(';')[0]?.trim();
  const content = found.response.content;
  if (content === undefined) return answer.bytes.length === 0 ? undefined : fail('no body is documented');
  if (media === undefined || !content[media])
    fail(`its type is ${media}, documented is ${Object.keys(content).join()}`);
  if (!media?.endsWith('json') || !content[media]?.schema) return;
  const wrong = api.validate(`${found.pointer}/content/${escape(media)}/schema`, answer.json);
  if (wrong !== undefined) fail(wrong);
}

function toPattern(template: string): RegExp {
  const source = template
    .split(/(\{[^}]+\})/)
    .map((part) =>
      part === '{path}' ? '.*' : part.startsWith('{') ? '[^/]*' : part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'),
    )
    .join('');
  return new RegExp(`^${source}$`, 's');
}

/** One step of a JSON pointer (RFC 6901). */
function escape(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}
