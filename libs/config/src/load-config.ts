import { z } from 'zod';

export type Environment = Record<string, string | undefined>;

/** Names every variable that is missing or wrong; its message is meant for the operator who starts the service. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads the environment into a validated object, keyed by variable name. Values never appear in the error: a variable may
 * hold a secret by mistake. Empty variables count as absent.
 */
export function loadConfig<S extends z.ZodRawShape>(
  fields: S,
  environment: Environment = process.env,
): z.infer<z.ZodObject<S>> {
  const given = Object.fromEntries(
    Object.keys(fields).map((name) => [name, environment[name] === '' ? undefined : environment[name]]),
  );
  const result = z.object(fields).safeParse(given);
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return given[name] === undefined ? `${name} is not set.` : `${name}: ${issue.message}`;
    }),
  );
}
