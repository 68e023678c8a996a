import pg from 'pg';

const INT8 = 20;

/** bigint columns arrive as numbers; one that a number cannot hold is an error, never a rounded value. */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('a bigint from the database exceeds 2^53 - 1');
  return value;
}

/** Type parsers of our connections. */
export const columnTypes = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8 && format !== 'binary'
      ? parseInt8
      : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

/**
 * A connection that is cut when a query outlives `query_timeout`. Without this the pool would hand out a connection that
 * still waits for a hung server, and each later query on it would wait in turn. It is ended before whoever waits for the query
 * hears of it: a socket that is only destroyed closes later, and the next in line would get it meanwhile.
 */
export class DeadlineClient extends pg.Client {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- pg overloads this method eight times
  override query(...args: any[]): any {
    const result: unknown = (super.query as (...all: unknown[]) => unknown).apply(this, args);
    if (result instanceof Promise) result.catch((error: unknown) => this.cutAfter(error));
    return result;
  }

  private cutAfter(error: unknown): void {
    if (error instanceof Error && error.message === QUERY_TIMED_OUT) {
      this.connection.stream.destroy();
      void this.end();
    }
  }
}

/** pg's wording; a test keeps it true. */
export const QUERY_TIMED_OUT = 'Query read timeout';
