import { destination, pino, type Logger } from 'pino';
import { scrub } from './scrub.js';
import { activeTracing } from './tracing/tracing.js';

export type { Logger };

export interface LoggerOptions {
  service: string;
  instance?: string | undefined;
  level: string;
}

/** Keys whose values never reach a log line, at the top of an object and one level down. */
const SECRET_KEYS = [
  'password',
  'token',
  'access_token',
  'api_key',
  'authorization',
  'value',
  'plaintext',
  'assertion',
  'pin',
  'oldKey',
  'newKey',
];

/** Headers with keys of clients. */
const SECRET_HEADERS = ['x-cmek-old-key', 'x-cmek-new-key'];

const REDACTED_PATHS = [
  ...SECRET_KEYS.flatMap((key) => [key, `*.${key}`]),
  ...SECRET_HEADERS.flatMap((name) => [`["${name}"]`, `*["${name}"]`]),
];

/** JSON lines on standard output. Every line passes `scrub`. */
export function createLogger({ service, instance, level }: LoggerOptions): Logger {
  const out = destination({ dest: 1, sync: false, minLength: 4096 });
  const flushed = setInterval(() => out.flush(), 200);
  flushed.unref();
  const tracing = activeTracing();
  const traceFields = (): object => {
    const traceId = tracing?.traceId();
    return traceId ? { traceId } : {};
  };
  return pino(
    {
      level,
      base: { service, ...(instance ? { instance } : {}) },
      ...(tracing ? { mixin: traceFields } : {}),
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
    },
    { write: (line: string) => void out.write(scrub(line)) },
  );
}
