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
}

const PAGES_PER_CALL = 10;

/**
 * Whether the chains of a restored trail are whole, and are those that checkpoints kept elsewhere vouch for. A chain without any
 * such checkpoint is a fault: somebody with the backup could have made it anew.
 */
export class ChainsCheck {
  private readonly report: ChainsReport = { chains: 0, events: 0, faults: [] };

  constructor(
    private readonly database: DataSource,
    private readonly chains: ChainRepository,
    private readonly verifier: ChainVerifier,
    private readonly keys: CheckpointKeys,
  ) {}

  async run(saved: readonly Checkpoint[]): Promise<ChainsReport> {
    for (const checkpoint of saved) await this.checkSaved(checkpoint);
    const vouchedFor = new Set(saved.map(({ orgId }) => orgId));
    for await (const orgId of orgsWithEvents(this.database)) {
      await this.checkChain(orgId);
      if (!vouchedFor.has(orgId)) this.fault(`org ${orgId} has a trail, and no checkpoint of it was given`);
    }
    return this.report;
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

  private async checkSaved(checkpoint: Checkpoint): Promise<void> {
    const { orgId, position } = checkpoint;
    const verdict = await this.keys.judge(checkpoint);
    if (verdict !== 'right')
      return this.fault(
        `the saved checkpoint of org ${orgId} at position ${position} was not signed by this HSM (${verdict})`,
      );
    const [event] = await this.chains.read(this.database, orgId, position - 1, 1);
    if (event?.position !== position)
      return this.fault(`the chain of org ${orgId} ends before position ${position}, which was signed`);
    if (event.id !== checkpoint.eventId || !event.integrityHash.equals(checkpoint.integrityHash))
      this.fault(`the chain of org ${orgId} is another one at position ${position} than the one that was signed`);
  }

  private fault(sentence: string): void {
    this.report.faults.push(sentence);
  }
}
