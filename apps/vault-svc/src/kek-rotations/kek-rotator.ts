import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { isForeignKeyViolation, transaction } from '@oneclaw/database';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import { DataSource, type EntityManager } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import { WorkLoop } from '../background/work-loop.js';
import type { RotationWork } from './kek-rotation.entity.js';
import { KekRotationsRepository } from './kek-rotations.repository.js';
import { endEvent } from './rotation-events.js';
import { Rewrapper } from './rewrapper.js';
import { RewrapsRepository } from './rewraps.repository.js';

/** A rotation whose replica has died waits this long for another. */
const INTERVAL_MS = 5000;
/** Reads and writes come first. */
const PAUSE_MS = 10;
const VERSIONS_PER_STEP = 200;

/**
 * Carries running rotations on, one transaction after another, on whichever replica has the rotation's row: all that a step has
 * done is committed with it, so that a crash at any point costs one step.
 */
@Injectable()
export class KekRotator implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop: WorkLoop;

  constructor(
    private readonly database: DataSource,
    private readonly rotations: KekRotationsRepository,
    private readonly versions: RewrapsRepository,
    private readonly rewrapper: Rewrapper,
    @Inject(LOGGER) logger: Logger,
  ) {
    const onError = (error: unknown) => logger.warn({ err: error }, 'rotations of KEKs pause');
    this.loop = new WorkLoop({ step: () => this.step(), intervalMs: INTERVAL_MS, pauseMs: PAUSE_MS, onError });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  /** A rotation was started just now. */
  hint(): void {
    this.loop.hint();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }

  private async step(): Promise<boolean> {
    let work: RotationWork | undefined;
    try {
      return await transaction(this.database, async (manager) => {
        work = await this.rotations.claim(manager);
        if (work) await this.advance(manager, work);
        return work !== undefined;
      });
    } catch (error) {
      if (!work || !isForeignKeyViolation(error, 'secret_versions_kek_fkey')) throw error;
      await this.rotations.walkAgain(this.database, work);
      return true;
    }
  }

  private async advance(manager: EntityManager, work: RotationWork): Promise<void> {
    const walked = await this.versions.walk(manager, work, VERSIONS_PER_STEP);
    const last = walked.at(-1);
    if (!last) return await this.finish(manager, work);
    const retired = await this.rotations.retired(manager, work.vaultId);
    const old = walked.filter(({ kekId }) => kekId !== work.to.kekId);
    const rewrapped = await this.rewrapper.rewrap(work, retired, old);
    const changed = rewrapped.length > 0 ? await this.versions.rewrap(manager, work.to.kekId, rewrapped) : 0;
    await this.rotations.advance(manager, work, {
      rewrapped: changed,
      damaged: old.length - rewrapped.length,
      walkedPath: last.path,
      walkedVersion: last.version,
    });
  }

  /** The walk has seen everything but what was being written under an old KEK as it passed by; then it goes round once more. */
  private async finish(manager: EntityManager, work: RotationWork): Promise<void> {
    await this.rotations.deleteEmpty(manager, work.vaultId);
    const left = await this.rotations.countLeft(manager, work.vaultId);
    if (left > work.damaged) return await this.rotations.walkAgain(manager, work);
    const rotation = await this.rotations.complete(manager, work);
    await commitEvents(manager, [endEvent(work.orgId, rotation)]);
  }
}
