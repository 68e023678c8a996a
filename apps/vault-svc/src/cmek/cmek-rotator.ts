import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { transaction } from '@oneclaw/database';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import { DataSource, type EntityManager } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import type { SealedCmekKeys } from '../crypto/cmek.client.js';
import { rotationEndEvent } from './cmek-events.js';
import { CmekReencrypter } from './cmek-reencrypter.js';
import type { CmekRotationWork } from './cmek-rotation.entity.js';
import { CmekRotationsRepository } from './cmek-rotations.repository.js';
import { CmekVaultsRepository } from './cmek-vaults.repository.js';
import { CmekVersionsRepository, type Seen } from './cmek-versions.repository.js';

const BATCH = 100;
/** Of what was written meanwhile; writers wait for the last of these. */
const STRAGGLERS = 20;
/** Of values that are in memory at once. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Reads and writes come first. */
const PAUSE_MS = 10;
/** After a failure of the database or the HSM; also how often the rotation is said to be alive meanwhile. */
const RETRY_MS = 2000;

/** A rotation in this process: the only place that has its keys, and only sealed. */
interface Run {
  rotationId: string;
  vaultId: string;
  /** Ours as long as the row names it. */
  runner: string;
  keys: SealedCmekKeys;
}

type Outcome = 'more' | 'over';

/**
 * Carries rotations on for as long as this process lives and nobody takes them over: a walk through the vault in batches, each its
 * own transaction, then what was written meanwhile, and at the end, with writers held up for a moment, the rest of that.
 */
@Injectable()
export class CmekRotator implements OnModuleDestroy {
  private readonly runs = new Set<Promise<void>>();
  private readonly stopping = new AbortController();

  constructor(
    private readonly database: DataSource,
    private readonly rotations: CmekRotationsRepository,
    private readonly versions: CmekVersionsRepository,
    private readonly vaults: CmekVaultsRepository,
    private readonly reencrypter: CmekReencrypter,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** In the background. The rotation is committed, and names the runner. */
  start(run: Run): void {
    const running = this.carryOn(run).finally(() => this.runs.delete(running));
    this.runs.add(running);
  }

  /** What is not finished says that it was interrupted. */
  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.runs);
  }

  private async carryOn(run: Run): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        if ((await this.step(run)) === 'over') return;
        await this.rest(PAUSE_MS);
      } catch (error) {
        this.logger.warn({ err: error, rotationId: run.rotationId }, 'a rotation of a client’s key pauses');
        await this.beat(run, true);
        await this.rest(RETRY_MS);
      }
    }
    await this.beat(run, false);
  }

  private async rest(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }

  private async beat({ rotationId, runner }: Run, alive: boolean): Promise<void> {
    await this.rotations.beat(this.database, rotationId, runner, alive).catch(() => undefined);
  }

  private async step(run: Run): Promise<Outcome> {
    if (await this.isNearlyDone(run)) return await this.end(run);
    return await transaction(this.database, async (manager) => {
      const work = await this.rotations.claim(manager, run.rotationId, run.runner);
      if (!work) return 'over';
      if (work.walked) await this.tryStragglers(manager, work, run);
      else await this.walk(manager, work, run);
      return 'more';
    });
  }

  /** Less is left than is tried in one step. */
  private async isNearlyDone({ rotationId, runner, vaultId }: Run): Promise<boolean> {
    if (!(await this.rotations.isWalked(this.database, rotationId, runner))) return false;
    return (await this.versions.stragglers(this.database, vaultId, STRAGGLERS)).length < STRAGGLERS;
  }

  private async walk(manager: EntityManager, work: CmekRotationWork, run: Run): Promise<void> {
    let [left, processed, position] = [BATCH, 0, work];
    while (left > 0) {
      const seen = fitting(await this.versions.walk(manager, position, left, MAX_BYTES));
      const last = seen.at(-1);
      if (!last) {
        position = await this.atTheEnd(manager, position);
        break;
      }
      const wanted = seen.filter((each) => each.wanted);
      processed += await this.reencrypter.move(manager, work, run.keys, wanted);
      position = { ...position, walkedPath: last.path, walkedVersion: last.version };
      left -= seen.length;
    }
    await this.rotations.advance(manager, position, processed);
  }

  /** Nothing may be said to be moved that is not: where anything is left, it goes round again. */
  private async atTheEnd(manager: EntityManager, position: CmekRotationWork): Promise<CmekRotationWork> {
    if (!(await this.versions.isAnyLeft(manager, position))) return { ...position, walked: true };
    this.logger.error({ rotationId: position.id }, 'a walk has passed versions by');
    return { ...position, walkedPath: '', walkedVersion: 0 };
  }

  /** Answers whether that was all. */
  private async tryStragglers(manager: EntityManager, work: CmekRotationWork, run: Run): Promise<boolean> {
    const stragglers = await this.versions.stragglers(manager, work.vaultId, STRAGGLERS);
    const processed = await this.reencrypter.move(manager, work, run.keys, stragglers);
    await this.versions.deleteStragglers(manager, work.vaultId, stragglers);
    await this.rotations.advance(manager, work, processed);
    return stragglers.length < STRAGGLERS;
  }

  /** With nobody writing: what was written up to now is tried, and what is written from now on is under the new key. */
  private async end(run: Run): Promise<Outcome> {
    return await transaction(this.database, async (manager) => {
      await this.vaults.exclude(manager, run.vaultId);
      const work = await this.rotations.claim(manager, run.rotationId, run.runner);
      if (!work) return 'over';
      if (!(await this.tryStragglers(manager, work, run))) return 'more';
      const unreadable = await this.versions.countUnreadable(manager, work.vaultId);
      const error = unreadable === 0 ? null : `${unreadable} versions open with neither key, and stay as they are.`;
      const rotation = await this.rotations.end(manager, work.id, error);
      await this.versions.forgetStragglers(manager, work.vaultId);
      await this.vaults.set(manager, work.vaultId, work.newFingerprint);
      await commitEvents(manager, [rotationEndEvent(work.orgId, rotation)]);
      return 'over';
    });
  }
}

/** As many from the start as fit; at least one. */
function fitting(seen: readonly Seen[]): readonly Seen[] {
  const end = seen.findIndex(({ fits }) => !fits);
  return end === -1 ? seen : seen.slice(0, end);
}
