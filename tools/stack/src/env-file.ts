/**
 * An environment as a file that both a POSIX shell (`set -a; . file`) and `node --env-file` read alike, so that one
 * service can be run by hand or under a debugger. Neither format can quote a value with a single quote or a newline
 * in a way that the other understands, so those are refused.
 */
export function formatEnvFile(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => {
      if (/['\n\r]/.test(value))
        throw new Error(`${name} holds a quote or a line break; it cannot go into an env file.`);
      return `${name}='${value}'\n`;
    })
    .join('');
}
