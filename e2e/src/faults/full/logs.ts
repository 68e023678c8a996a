import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Stack } from '@oneclaw/stack';
import { disguises } from '../../disguises.js';
import { CANARY } from '../load.js';

/** The logs that hold what was in secret values, however disguised. */
export function leaksIn(stack: Stack): string[] {
  const forms = disguises(Buffer.from(CANARY));
  return readdirSync(stack.state.logs).filter((name) => {
    const content = readFileSync(path.join(stack.state.logs, name));
    return forms.some((form) => content.includes(form));
  });
}
