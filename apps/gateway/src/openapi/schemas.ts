import { z } from 'zod';

type SchemaName = { id: string };

/** Named schemas, which become `components.schemas` of the document; bodies as clients send them, answers as they get them. */
export const requestSchemas = z.registry<SchemaName>();
export const answerSchemas = z.registry<SchemaName>();

/** A request body. Unknown fields are ignored. */
export function requestBody<S extends z.ZodRawShape>(id: string, shape: S) {
  return z.object(shape).register(requestSchemas, { id });
}

/** An answer with exactly these fields: real clients refuse others (contract, section 1). */
export function exactAnswer<S extends z.ZodRawShape>(id: string, shape: S) {
  return z.strictObject(shape).register(answerSchemas, { id });
}

/** An answer that may gain fields. */
export function looseAnswer<S extends z.ZodRawShape>(id: string, shape: S) {
  const schema = z.object(shape).meta({ open: true });
  return schema.register(answerSchemas, { id });
}

/** A point in time as answers carry it: UTC, RFC 3339. */
export const instant = (description?: string) =>
  z.string().meta({ schema: { type: 'string', format: 'date-time' }, ...(description ? { description } : {}) });

/** A JSON object of any content. */
export const anyObject = (description?: string) =>
  z
    .record(z.string(), z.unknown())
    .meta({ schema: { type: 'object', additionalProperties: true }, ...(description ? { description } : {}) });
