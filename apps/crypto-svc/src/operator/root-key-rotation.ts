import { setTimeout as pause } from 'node:timers/promises';

/** The root keys on the token. */
export interface RootKeys {
  /** Oldest first. */
  generations(): number[];
  /** Makes the next one, which wraps new KEKs at once; answers its generation. */
  make(): number;
  destroy(generation: number): void;
}

/** A service that keeps KEKs. Its answers are exact; each call may be repeated. */
export interface KekOwner {
  name: string;
  /** KEKs under root keys older than the generation. */
  countOlder(generation: number): Promise<number>;
  /** Rewraps the older ones of the next `limit` KEKs after `after` (empty at the start); `next` is empty at the end. */
  rewrap(page: RewrapPage): Promise<{ rewrapped: number; damaged: number; next: string }>;
  /** From then on nothing comes under an older root key. False while something is under one. */
  retireOlder(generation: number): Promise<boolean>;
}

export interface RewrapPage {
  generation: number;
  after: string;
  limit: number;
}

export interface RotationOptions {
  /** Leaves older root keys on the token. */
  keepOldKey: boolean;
  say: (line: string) => void;
  /** Between the last use of an old root key in a database and its destruction. */
  drainMs?: number;
  /** Before what could not be finished is tried again. */
  retryMs?: number;
}

/** Nothing was lost or destroyed; the message says what an operator has to see to. */
export class RotationStopped extends Error {}

/** Longer than any request lives, which may have read a KEK as it was wrapped before. */
const DRAIN_MS = 15_000;
const PAGE = 200;
/** Rounds without progress, a second apart: a replica of crypto-svc sees a new key some time after the others. */
const PATIENCE = 30;

/**
 * Moves everything to a new root key and destroys the old one. What it has done lies in the token and in the services'
 * databases: stopped at any point, it is run again and goes on.
 */
export async function rotateRootKey(
  keys: RootKeys,
  owners: readonly KekOwner[],
  { keepOldKey, say, drainMs = DRAIN_MS, retryMs = 1000 }: RotationOptions,
): Promise<void> {
  const generation = newestOf(keys, say);
  for (const owner of owners) await moveAll(owner, generation, say, retryMs);
  if (keepOldKey) return say('Older root keys stay on the token. Nothing new comes under them.');
  say(`Nothing is under an older root key any more. Waiting ${drainMs / 1000} s for requests that began before.`);
  await pause(drainMs);
  for (const old of keys.generations().filter((each) => each < generation)) {
    keys.destroy(old);
    say(`Destroyed oneclaw-root-${old}.`);
  }
}

/** Several root keys are on the token only while a rotation is not finished. */
function newestOf(keys: RootKeys, say: (line: string) => void): number {
  const before = keys.generations();
  if (before.length > 1) {
    const newest = before.at(-1)!;
    say(`Older root keys than oneclaw-root-${newest} are on the token: that rotation goes on.`);
    return newest;
  }
  const made = keys.make();
  say(`Made oneclaw-root-${made}. It wraps new keys from now on.`);
  return made;
}

async function moveAll(
  owner: KekOwner,
  generation: number,
  say: (line: string) => void,
  retryMs: number,
): Promise<void> {
  for (let stalled = 0; stalled < PATIENCE;) {
    const left = await owner.countOlder(generation);
    if (left === 0 && (await owner.retireOlder(generation))) return say(`${owner.name}: everything is under it.`);
    const { rewrapped, damaged } = await walk(owner, generation, left, say);
    if (damaged > 0 && damaged === (await owner.countOlder(generation))) throw stoppedByDamage(owner, damaged);
    if (rewrapped > 0) continue;
    stalled += 1;
    await pause(retryMs);
  }
  throw new RotationStopped(
    `${owner.name} does not get on. Look at its log and that of crypto-svc, and run this again.`,
  );
}

async function walk(owner: KekOwner, generation: number, left: number, say: (line: string) => void) {
  const total = { rewrapped: 0, damaged: 0 };
  let after = '';
  do {
    const page = await owner.rewrap({ generation, after, limit: PAGE });
    total.rewrapped += page.rewrapped;
    total.damaged += page.damaged;
    if (page.rewrapped > 0) say(`${owner.name}: ${total.rewrapped} of ${left} keys rewrapped.`);
    after = page.next;
  } while (after !== '');
  return total;
}

function stoppedByDamage({ name }: KekOwner, damaged: number): RotationStopped {
  return new RotationStopped(
    `${damaged} keys of ${name} are damaged and stay under their old root key, which is kept. The service's log names them. ` +
      'Restore their rows from a backup, or delete what they belong to, and run this again.',
  );
}
