import { ConfigError } from '@oneclaw/config';

interface Closable {
  close(): Promise<void>;
}

/**
 * The life of a process: start, serve until SIGTERM or SIGINT, close, end. A start that fails says why in one readable
 * message and ends with a non-zero code.
 */
export async function runMain(name: string, start: () => Promise<Closable>): Promise<void> {
  try {
    const service = await start();
    let closing = false;
    const stop = () => {
      if (closing) return;
      closing = true;
      service.close().then(
        () => process.exit(0),
        (error: unknown) => fail(name, error),
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  } catch (error) {
    fail(name, error);
  }
}

function fail(name: string, error: unknown): never {
  const reason =
    error instanceof ConfigError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  process.stderr.write(`${name} cannot run: ${reason}\n`);
  process.exit(1);
}
