interface SmtpError extends Error {
  code?: string;
  responseCode?: number;
  /** The command that failed; "API" where the library itself refused. */
  command?: string;
}

/** Whether this address will never take a mail: the server refuses it for good (5xx, RFC 5321, 4.2.1), or it is no address. */
export function isUndeliverable(error: unknown): boolean {
  const { code, responseCode = 0, command } = error as SmtpError;
  if (code !== 'EENVELOPE') return false;
  return command === 'API' || (command === 'RCPT TO' && responseCode >= 500);
}

/** For the log and the row: no address, and nothing that the server repeats of the mail. */
export function describeFailure(error: unknown): string {
  const { code, responseCode, command, message } = error as SmtpError;
  const parts = [code, command, responseCode].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join(' ') : message.slice(0, 200);
}

const FIRST_DELAY_MS = 2000;
const LONGEST_DELAY_MS = 30 * 60_000;

/** Doubling, half an hour at most, spread by a quarter so that an outage does not end in a stampede. */
export function delayAfter(attempts: number, random = Math.random()): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempts - 1)) * (0.75 + random / 2);
}
