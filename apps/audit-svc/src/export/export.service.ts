import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { invalid } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { ChainAccess } from '../chain/chain-access.js';
import { ChainRepository } from '../chain/chain.repository.js';
import type { ChainHead, ChainedEvent } from '../chain/chained-event.js';
import { GENESIS_HASH } from '../chain/event-hash.js';
import type { Checkpoint } from '../checkpoints/checkpoint.js';
import { CheckpointsRepository } from '../checkpoints/checkpoints.repository.js';
import { CheckpointsService } from '../checkpoints/checkpoints.service.js';
import { checkpointLine, endLine, eventLine, headerLine } from './export-lines.js';

export interface ExportProgress {
  position: number;
  /** The last position of this export. */
  throughPosition: number;
  events: number;
  checkpoints: number;
}

export interface ExportPage {
  lines: string;
  /** Undefined at the end. */
  progress: ExportProgress | undefined;
}

const PAGE = 500;

/** A chain as a file that proves itself. The chain only grows, so pages read one after another make one consistent whole. */
@Injectable()
export class ExportService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly access: ChainAccess,
    private readonly chains: ChainRepository,
    private readonly checkpointsRepository: CheckpointsRepository,
    private readonly checkpoints: CheckpointsService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The header. The export's own event is in the export, and its end is signed unless the HSM is away. */
  async start(caller: Caller, afterPosition: number, call: CallContext): Promise<ExportPage> {
    const { orgId } = caller;
    await this.access.require(caller, 'audit.export', call);
    const before = await this.chains.findHead(this.dataSource, orgId);
    if (afterPosition > (before?.position ?? 0))
      throw invalid('The chain is not that long.', { after_position: 'must be the position of an event' });
    await this.access.record(caller, 'audit.export', { after_position: afterPosition }, call);
    const throughPosition = await this.signedEnd(orgId);
    const header = headerLine({
      orgId,
      exportedAt: new Date(),
      after: await this.endAt(orgId, afterPosition),
      throughPosition,
      keyIds: await this.checkpointsRepository.findKeyIds(this.dataSource, orgId, afterPosition, throughPosition),
    });
    return { lines: header, progress: { position: afterPosition, throughPosition, events: 0, checkpoints: 0 } };
  }

  async read(caller: Caller, from: ExportProgress, call: CallContext): Promise<ExportPage> {
    await this.access.require(caller, 'audit.export', call);
    const { throughPosition } = from;
    const found = await this.chains.read(this.dataSource, caller.orgId, from.position, PAGE);
    const events = found.filter(({ position }) => position <= throughPosition);
    const more = events.length === PAGE && events.at(-1)!.position < throughPosition;
    const position = more ? events.at(-1)!.position : throughPosition;
    const signed = await this.checkpointsRepository.read(this.dataSource, caller.orgId, from.position, position);
    const progress = {
      position,
      throughPosition,
      events: from.events + events.length,
      checkpoints: from.checkpoints + signed.length,
    };
    const lines = interleave(events, signed);
    return more ? { lines, progress } : { lines: lines + endLine(progress), progress: undefined };
  }

  /** Where the export is to end: at a checkpoint that covers what is there now; one that lies behind the chain's end accuses it. */
  private async signedEnd(orgId: string): Promise<number> {
    const head = await this.chains.findHead(this.dataSource, orgId);
    try {
      await this.checkpoints.signNow(orgId);
    } catch (error) {
      this.logger.warn(`an export goes out without a signature of its end: ${(error as Error).message}`);
    }
    const newest = await this.checkpointsRepository.findNewest(this.dataSource, orgId);
    return Math.max(head?.position ?? 0, newest?.position ?? 0);
  }

  private async endAt(orgId: string, position: number): Promise<ChainHead> {
    const [event] = position === 0 ? [] : await this.chains.read(this.dataSource, orgId, position - 1, 1);
    return event?.position === position
      ? { orgId, position, eventId: event.id, integrityHash: event.integrityHash }
      : { orgId, position, eventId: null, integrityHash: GENESIS_HASH };
  }
}

/** A checkpoint comes right after the event that it vouches for. */
function interleave(events: readonly ChainedEvent[], signed: readonly Checkpoint[]): string {
  let lines = '';
  let next = 0;
  const checkpointsBefore = (position: number) => {
    for (; next < signed.length && signed[next]!.position < position; next += 1) lines += checkpointLine(signed[next]!);
  };
  for (const event of events) {
    checkpointsBefore(event.position);
    lines += eventLine(event);
  }
  checkpointsBefore(Infinity);
  return lines;
}
