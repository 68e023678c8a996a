import { readFileSync } from 'node:fs';
import { z } from 'zod';

export const text = () => z.string().min(1);

/** A whole number in [min, max]. */
export const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().int().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));

export const boolean = () => z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true');

/** "90s", "15m", "2h", "250ms" → milliseconds. */
export const duration = () =>
  z
    .string()
    .regex(/^\d+(ms|s|m|h|d)$/, 'must be a duration such as 250ms, 90s, 15m or 2h')
    .transform((value) => {
      const unit = value.replace(/^\d+/, '') as keyof typeof MILLISECONDS;
      return Number.parseInt(value, 10) * MILLISECONDS[unit];
    });

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Comma-separated; empty entries dropped. */
export const list = () =>
  z.string().transform((value) =>
    value
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  );

/** "host:port" (IPv6 hosts in brackets); port 0 = any free port. */
export const listenAddress = () =>
  z
    .string()
    .regex(/^(\[[0-9a-fA-F:]+\]|[^:]+):\d{1,5}$/, 'must be host:port')
    .transform((value) => {
      const split = value.lastIndexOf(':');
      return { host: value.slice(0, split).replace(/^\[|\]$/g, ''), port: Number(value.slice(split + 1)) };
    });

/** A path whose content is the secret (one trailing newline dropped); read once at start. */
export const secretFile = () =>
  z.string().transform((path, context) => {
    try {
      const content = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
      if (content !== '') return content;
      context.addIssue({ code: 'custom', message: `the file ${path} is empty` });
    } catch {
      context.addIssue({ code: 'custom', message: `the file ${path} cannot be read` });
    }
    return z.NEVER;
  });
