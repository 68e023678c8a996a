import { invalid } from '@oneclaw/errors';

interface Kinds {
  integer: number;
  text: string;
  uuid: string;
}

type Shape = Readonly<Record<string, keyof Kinds>>;
type Position<S extends Shape> = { -readonly [K in keyof S]: Kinds[S[K]] };

/** A cursor is the last row's sort key: opaque to clients, checked when it comes back. Not a secret, not an authority. */
export interface Cursor<S extends Shape> {
  encode(position: Position<S>): string;
  /** `undefined` for the first page; `invalid_argument` for anything we did not make. */
  decode(cursor: string): Position<S> | undefined;
}

const MAX_LENGTH = 1024;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const CHECKS: Record<keyof Kinds, (value: unknown) => boolean> = {
  integer: Number.isSafeInteger,
  text: (value) => typeof value === 'string' && !value.includes('\0'),
  uuid: (value) => typeof value === 'string' && UUID.test(value),
};

/** Base64url of a JSON array with the shape's fields in order. */
export function cursorOf<S extends Shape>(shape: S): Cursor<S> {
  const fields = Object.entries(shape);
  return {
    encode: (position) => Buffer.from(JSON.stringify(fields.map(([name]) => position[name]))).toString('base64url'),
    decode(cursor) {
      if (cursor === '') return undefined;
      const values = parse(cursor);
      const right = values?.length === fields.length && fields.every(([, kind], index) => CHECKS[kind](values[index]));
      if (!right) throw invalid('The cursor is not valid.', { cursor: 'take it from next_cursor of the page before' });
      return Object.fromEntries(fields.map(([name], index) => [name, values[index]])) as Position<S>;
    },
  };
}

function parse(cursor: string): unknown[] | undefined {
  if (cursor.length > MAX_LENGTH) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
