import type { DataSource } from 'typeorm';
import type { ChainRepository } from '../chain/chain.repository.js';
import type { ChainVerifier } from '../chain/verify-chain.js';
import type { Checkpoint } from '../checkpoints/checkpoint.js';
import type { CheckpointKeys } from '../checkpoints/checkpoint-keys.js';
import { orgsWithEvents } from './orgs-with-events.js';

export interface ChainsReport {
  chains: number;
  events: number;
  /** One sentence each, with ids only. */
  faults: string[];
  /** Orgs whose trail began when the checkpoints had been kept already: nothing from elsewhere can vouch for these. */
  newcomers: string[];
}

const PAGES_PER_CALL = 10;
/** How much later than it says a trail may have begun: clocks differ, events are under way for a moment, and signing takes its time. */
const LEEWAY_MICROS = 60_000_000;

/**
 * Whether the chains of a restored trail are whole, and are those that checkpoints kept elsewhere vouch for. A chain that is older
 * than these and has none is a fault: somebody with the backup could have made it anew. A younger one is an org that came between
 * the keeping and the backup.
 */
export class ChainsCheck {
  private readonly report: ChainsReport = { chains: 0, events: 0, faults: [], newcomers: [] };

  constructor(
    private readonly database: DataSource,
    private readonly chains: ChainRepository,
    private readonly verifier: ChainVerifier,
    private readonly keys: CheckpointKeys,
  ) {}

  async run(saved: readonly Checkpoint[]): Promise<ChainsReport> {
    let keptMicros = Number.NEGATIVE_INFINITY;
    for (const checkpoint of saved) {
      if (await this.checkSaved(checkpoint)) keptMicros = Math.max(keptMicros, checkpoint.createdAt.getTime() * 1000);
    }
    const vouchedFor = new Set(saved.map(({ orgId }) => orgId));
    for await (const orgId of orgsWithEvents(this.database)) {
      await this.checkChain(orgId);
      if (!vouchedFor.has(orgId)) await this.checkUnkept(orgId, keptMicros);
    }
    return this.report;
  }

  /** @param keptMicros when the newest of the checkpoints that were kept was signed */
  private async checkUnkept(orgId: string, keptMicros: number): Promise<void> {
    const [first] = await this.chains.read(this.database, orgId, 0, 1);
    const isNewcomer = first !== undefined && first.createdAtMicros > keptMicros - LEEWAY_MICROS;
    if (isNewcomer && Number.isFinite(keptMicros)) this.report.newcomers.push(orgId);
    else this.fault(`org ${orgId} has a trail, and no checkpoint of it was given`);
  }

  private async checkChain(orgId: string): Promise<void> {
    let progress = await this.verifier.begin(this.database, orgId);
    for (;;) {
      const verified = await this.verifier.goOn(this.database, progress, PAGES_PER_CALL);
      progress = verified.progress;
      if (!verified.verdict) continue;
      const { valid, eventsChecked, brokenAtEventId } = verified.verdict;
      this.report.chains += 1;
      this.report.events += eventsChecked;
      if (!valid) this.fault(`the chain of org ${orgId} breaks at event ${brokenAtEventId ?? '(its end)'}`);
      return;
    }
  }

  /** Whether the HSM signed it. */
  private async checkSaved(checkpoint: Checkpoint): Promise<boolean> {
    const { orgId, position } = checkpoint;
    const verdict = await this.keys.judge(checkpoint);
    if (verdict !== 'right') {
      this.fault(
        `the saved checkpoint of org ${orgId} at position ${position} was not signed by this HSM (${verdict})`,
      );
      return false;
    }
    const [event] = await this.chains.read(this.database, orgId, position - 1, 1);
    if (event?.position !== position)
      this.fault(`the chain of org ${orgId} ends before position ${position}, which was signed`);
    else if (event.id !== checkpoint.eventId || !event.integrityHash.equals(checkpoint.integrityHash))
      this.fault(`the chain of org ${orgId} is another one at position ${position} than the one that was signed`);
    return true;
  }

  private fault(sentence: string): void {
    this.report.faults.push(sentence);
  }
}
