import { z } from 'zod';
import type { OperationSpec } from '../api/operation.js';
import { VERSION } from '../version.js';
import { tidy } from './clean-schema.js';
import { operationObject } from './operation-object.js';
import { openApiPath } from './path.js';
import { problemSchema } from './problem-schema.js';
import { problemResponses } from './responses.js';
import { answerSchemas, requestSchemas } from './schemas.js';
import { DESCRIPTION, TAGS } from './texts.js';

export type OpenApiDocument = Record<string, unknown>;

/** The OpenAPI 3.1 document of the given operations. The same input gives the same text, byte by byte. */
export function buildDocument(operations: readonly OperationSpec[]): OpenApiDocument {
  const documented = operations.filter((operation) => operation.documented !== false);
  const used = new Set(documented.map((operation) => operation.tag));
  return {
    openapi: '3.1.0',
    info: {
      title: 'OneClaw API',
      version: VERSION,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: TAGS.filter((tag) => used.has(tag.name)),
    security: [{ bearer: [] }],
    paths: pathsOf(documented),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'A token of a user or an agent.' },
      },
      responses: problemResponses(),
      schemas: sorted({ Problem: problemSchema, ...named(requestSchemas, 'input'), ...named(answerSchemas, 'output') }),
    },
  };
}

function pathsOf(operations: readonly OperationSpec[]): Record<string, object> {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    const path = (paths[openApiPath(operation.path)] ??= {});
    path[operation.method.toLowerCase()] = operationObject(operation);
  }
  return sorted(paths);
}

function named(registry: z.core.$ZodRegistry<{ id: string }>, io: 'input' | 'output'): Record<string, object> {
  const options = {
    io,
    override: tidy,
    unrepresentable: 'any' as const,
    uri: (id: string) => `#/components/schemas/${id}`,
  };
  const { schemas } = z.toJSONSchema(registry, options);
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _schema, $id: _id, id: _name, ...schema }]) => [id, schema]),
  );
}

function sorted<T>(entries: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
}
