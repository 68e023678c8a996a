import { Inject, Injectable } from '@nestjs/common';
import type { CheckpointServiceDefinition } from '@oneclaw/contracts/crypto';
import { transaction, type Executor } from '@oneclaw/database';
import type { RpcClient } from '@oneclaw/rpc';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { checkpointBytes, toExported, type Checkpoint, type UnsignedCheckpoint } from './checkpoint.js';
import { CheckpointKeys } from './checkpoint-keys.js';
import { CheckpointMetrics } from './checkpoint-metrics.js';
import { CheckpointsRepository, type UncheckedHead } from './checkpoints.repository.js';
import { contradictionOf } from './contradiction.js';

/** Injection token: the HSM's signatures. */
export const CHECKPOINT_SIGNER = Symbol('CheckpointSigner');
export type CheckpointSigner = Pick<RpcClient<typeof CheckpointServiceDefinition>, 'signCheckpoints'>;

/** Some 10 ms of an HSM's session, so that reads of secrets do not wait behind checkpoints. */
const BATCH = 50;
/** A checkpoint that is asked for is not signed again when the newest one of the same end is younger. */
const FRESH_MS = 60_000;

/** Has ends of chains signed. What contradicts an earlier checkpoint is never signed: the alarm is that it is missing. */
@Injectable()
export class CheckpointsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly repository: CheckpointsRepository,
    private readonly keys: CheckpointKeys,
    @Inject(CHECKPOINT_SIGNER) private readonly signer: CheckpointSigner,
    private readonly metrics: CheckpointMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Signs ends of chains that moved, in the order of their orgs from behind `afterOrg` on. Over all replicas one does it at a
   * time; a batch is one transaction, so a replica that dies leaves either its checkpoints or nothing, and the lock to the next.
   * @returns the org to go on behind; undefined when there is no more, or another replica is at it
   */
  async signDue(afterOrg: string | undefined, minAgeSeconds: number): Promise<string | undefined> {
    const keyIds = await this.keys.ids();
    const { found, signed } = await transaction(this.dataSource, async (manager) => {
      const locked = await this.repository.tryLock(manager);
      const due = locked ? await this.repository.findDue(manager, keyIds, afterOrg, minAgeSeconds, BATCH) : [];
      return { found: due, signed: await this.sign(manager, due) };
    });
    this.tell(signed);
    return found.length === BATCH ? found.at(-1)?.head.orgId : undefined;
  }

  /** Signs the end of one chain now, whoever else is at it: twice does no harm. Does nothing for a chain without events. */
  async signNow(orgId: string): Promise<void> {
    const found = await this.repository.findHead(this.dataSource, await this.keys.ids(), orgId);
    if (!found || (isCovered(found) && isFresh(found.newest!))) return;
    this.tell(await this.sign(this.dataSource, [found]));
  }

  private async sign(executor: Executor, heads: readonly UncheckedHead[]): Promise<Checkpoint[]> {
    const sound: UncheckedHead[] = [];
    for (const head of heads) if (await this.isSound(head)) sound.push(head);
    if (sound.length === 0) return [];
    const createdAt = await this.repository.now(executor);
    const unsigned = sound.map(({ head }): UnsignedCheckpoint => {
      const { orgId, position, integrityHash } = head;
      return { orgId, position, eventId: head.eventId!, integrityHash, createdAt };
    });
    const request = { checkpoints: unsigned.map(checkpointBytes) };
    const { keyId, signatures } = await this.signer.signCheckpoints(request, { requestId: 'checkpoints' });
    const signed = unsigned.map((each, index) => ({ ...each, keyId, signature: signatures[index]! }));
    await this.repository.insert(executor, signed);
    return signed;
  }

  private async isSound(found: UncheckedHead): Promise<boolean> {
    const signature = found.newest && (await this.keys.judge(found.newest));
    const contradiction = contradictionOf(found, signature);
    if (contradiction === undefined) return true;
    this.metrics.contradictions.inc();
    const { orgId, position } = found.head;
    this.logger.error({ orgId, position }, `a chain is not signed: ${contradiction}. Somebody changed the database.`);
    return false;
  }

  /**
   * Once committed. The log goes elsewhere than the database: whoever changes the one has not yet changed the other. As exports
   * have it, so that an export can be held against the log.
   */
  private tell(signed: readonly Checkpoint[]): void {
    this.metrics.signed.inc(signed.length);
    for (const each of signed) this.logger.info({ checkpoint: toExported(each) }, 'a chain was signed');
  }
}

function isFresh({ createdAt }: Checkpoint): boolean {
  const ageMs = Date.now() - createdAt.getTime();
  return ageMs >= 0 && ageMs < FRESH_MS;
}

function isCovered({ head, newest }: UncheckedHead): boolean {
  return newest?.position === head.position && newest.integrityHash.equals(head.integrityHash);
}
