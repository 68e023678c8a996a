import { isConditional } from './preconditions.js';
import type { SecretWrite } from './secret-write.js';

/**
 * Writes in groups, one transaction each: a path has either one write in a group, or several without preconditions. A write under
 * preconditions sees what the ones before it left.
 */
export function roundsOf(writes: readonly SecretWrite[]): SecretWrite[][] {
  const rounds: SecretWrite[][] = [];
  const latest = new Map<string, { round: number; alone: boolean }>();
  for (const write of writes) {
    const path = `${write.input.vaultId}/${write.input.path}`;
    const before = latest.get(path);
    const alone = isConditional(write.input.preconditions);
    const round = before === undefined ? 0 : before.round + (before.alone || alone ? 1 : 0);
    latest.set(path, { round, alone });
    (rounds[round] ??= []).push(write);
  }
  return rounds;
}
