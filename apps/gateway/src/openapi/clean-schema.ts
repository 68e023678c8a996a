import type { z } from 'zod';

type Json = z.core.JSONSchema.BaseSchema & { propertyNames?: unknown };

/** Metadata that our fields carry (see api/fields.ts): what the document says instead of what zod derives, and openness. */
interface FieldMeta {
  schema?: object;
  open?: boolean;
}

interface OverrideContext {
  zodSchema: z.core.$ZodTypes;
  jsonSchema: Json;
}

/** Rewrites what zod derives into what a reader of the document expects. */
export function tidy({ jsonSchema }: OverrideContext): void {
  const { schema, open } = jsonSchema as FieldMeta;
  if (schema) replaceWith(jsonSchema, schema);
  if (open) delete jsonSchema.additionalProperties;
  delete (jsonSchema as FieldMeta).schema;
  delete (jsonSchema as FieldMeta).open;
  delete jsonSchema.propertyNames;
  if (jsonSchema.format === 'uuid') delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  foldNull(jsonSchema);
}

/** Keeps description and examples. */
function replaceWith(target: Json, schema: object): void {
  const { description, examples } = target;
  for (const key of Object.keys(target)) delete (target as Record<string, unknown>)[key];
  Object.assign(
    target,
    schema,
    description === undefined ? {} : { description },
    examples === undefined ? {} : { examples },
  );
}

/** `anyOf: [X, null]` as `type: [x, null]`, the way people write it. */
function foldNull(target: Json): void {
  const { anyOf } = target;
  if (!anyOf || anyOf.length !== 2 || anyOf[1]?.type !== 'null') return;
  const [some] = anyOf as [Json, Json];
  if (typeof some.type !== 'string') return;
  delete target.anyOf;
  const { enum: values, ...rest } = some;
  Object.assign(target, {
    ...rest,
    ...target,
    type: [some.type, 'null'],
    ...(values ? { enum: [...values, null] } : {}),
  });
}
