import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { ExportProgress, VerifyProgress } from '@oneclaw/contracts/audit';
import { internal, isDomainError, rateLimited } from '@oneclaw/errors';
import type { SessionCall } from '../api/api-call.js';
import { present } from '../api/wire.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { AuditClients } from '../upstreams/audit-clients.js';
import { toVerdictResponse } from './audit-chain.mapper.js';

type Verdict = ReturnType<typeof toVerdictResponse>;

const LONG_READS_PER_ORG = 2;
const RETRY_AFTER_SECONDS = 10;
/** A chain of ten million events takes minutes: one moment in which a service is slow must not end it. */
const ATTEMPTS = 5;

/**
 * Takes whole chains from audit-svc, a piece at a time: the next one is asked for when the client has taken the one before, by
 * somebody who is still allowed to. So a slow client costs no memory, and a revoked one gets no more.
 */
@Injectable()
export class ChainReader {
  /** Milliseconds that a verification has before its answer begins with white space. */
  patienceMs = 4000;
  /** Milliseconds before a piece that could not be had is asked for again. */
  pauseMs = 1000;
  private readonly reading = new Map<string, number>();

  constructor(
    private readonly clients: AuditClients,
    private readonly sessions: SessionsService,
  ) {}

  /** A verdict, or, where that takes long, white space followed by the verdict. */
  async verify(call: SessionCall): Promise<Verdict | Readable> {
    const patientUntil = Date.now() + this.patienceMs;
    let progress: VerifyProgress | undefined;
    do {
      const next = await this.verifyOn(call, progress);
      if (next.verdict) return next.verdict;
      ({ progress } = next);
    } while (Date.now() < patientUntil);
    const leave = this.enter(call);
    return streamOf(this.verifySlowly(call, progress), leave);
  }

  async export(call: SessionCall, afterPosition: number): Promise<Readable> {
    const leave = this.enter(call);
    try {
      const { lines, progress } = await this.clients.chains.startExport({ afterPosition }, call);
      return streamOf(this.readExport(call, lines, progress), leave);
    } catch (error) {
      leave();
      throw error;
    }
  }

  private async *verifySlowly(call: SessionCall, begun: VerifyProgress | undefined): AsyncGenerator<string> {
    for (let progress = begun; ;) {
      yield ' ';
      const from = progress;
      const next = await this.insisting(call, (caller) => this.verifyOn(caller, from));
      if (next.verdict) return yield JSON.stringify(next.verdict);
      ({ progress } = next);
    }
  }

  private async verifyOn(
    call: SessionCall,
    progress: VerifyProgress | undefined,
  ): Promise<{ progress?: VerifyProgress; verdict?: Verdict }> {
    const { outcome } = await this.clients.chains.verifyChain({ progress }, call);
    switch (outcome?.$case) {
      case 'progress':
        return { progress: outcome.value };
      case 'verdict':
        return { verdict: toVerdictResponse(outcome.value) };
      case undefined:
        throw internal('audit-svc answered a verification without an outcome');
    }
  }

  private async *readExport(
    call: SessionCall,
    header: Buffer,
    from: ExportProgress | undefined,
  ): AsyncGenerator<Buffer> {
    yield header;
    for (let next: ExportProgress | undefined = present(from, 'the progress of an export'); next;) {
      const progress: ExportProgress = next;
      const page = await this.insisting(call, (caller) => this.clients.chains.readExport({ progress }, caller));
      yield page.lines;
      next = page.progress;
    }
  }

  /** A piece, for whoever the caller is by now. Reading one twice does no harm. */
  private async insisting<T>(call: SessionCall, read: (caller: SessionCall) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await read(await this.sessions.again(call));
      } catch (error) {
        if (attempt === ATTEMPTS || !isDomainError(error, 'unavailable')) throw error;
        await pause(this.pauseMs);
      }
    }
  }

  /** Takes one of the org's places; the caller gives it back. */
  private enter({ session: { orgId } }: SessionCall): () => void {
    const others = this.reading.get(orgId) ?? 0;
    if (others >= LONG_READS_PER_ORG)
      throw rateLimited('The trail of this org is being read already. Try again later.', RETRY_AFTER_SECONDS);
    this.reading.set(orgId, others + 1);
    return () => {
      const left = this.reading.get(orgId)! - 1;
      if (left > 0) this.reading.set(orgId, left);
      else this.reading.delete(orgId);
    };
  }
}

/** Bytes are buffered, not pieces: a piece can be large. */
function streamOf(pieces: AsyncIterable<Buffer | string>, whenClosed: () => void): Readable {
  return Readable.from(pieces, { objectMode: false }).once('close', whenClosed);
}
