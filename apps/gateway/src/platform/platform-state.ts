import type { PlatformStateServiceDefinition } from '@oneclaw/contracts/auth';
import type { RpcClient } from '@oneclaw/rpc';
import type { Logger } from '@oneclaw/telemetry';

/** What the platform's settings mean here. */
export interface PlatformFacts {
  /** Nothing is served but health, auth and the platform org. */
  maintenance: boolean;
  /** No transaction is signed without having been simulated. */
  requireSimulation: boolean;
}

/** Whether what was heard of auth-svc is complete. */
interface Heartbeat {
  readonly fresh: boolean;
}

type Client = Pick<RpcClient<typeof PlatformStateServiceDefinition>, 'getPlatformState'>;

/** How long an answer serves that nobody would say is void: one that came in silence, or none. */
const UNHEARD_MS = 250;
/** Longer than this nobody waits for auth-svc. */
const PATIENCE_MS = 1000;
const KEY = 'platform:state';

/**
 * What auth-svc says of the platform's settings: asked for once and kept until it says that they have changed, or asked for again and
 * again while it is not heard. When it cannot be asked, what was known last counts: a gateway does not begin or end maintenance because
 * auth-svc is away.
 */
export class PlatformState {
  private facts: PlatformFacts = { maintenance: false, requireSimulation: false };
  /** On the clock of `now`. */
  private askedAt = Number.NEGATIVE_INFINITY;
  /** The facts are an answer, and whatever voids it will be heard. */
  private heard = false;
  /** Counts what voids the facts, so that an answer that was on its way meanwhile is not kept. */
  private generation = 0;
  private asking: Promise<PlatformFacts> | undefined;
  /** Number of the last question, and of that which the facts answer: a late answer does not replace a newer one. */
  private questions = 0;
  private answered = 0;

  constructor(
    private readonly client: Client,
    private readonly heartbeat: Heartbeat,
    private readonly logger: Logger,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Where nothing can have changed. */
  get known(): PlatformFacts | undefined {
    const isKept = this.heard && this.heartbeat.fresh;
    return isKept || this.now() - this.askedAt < UNHEARD_MS ? this.facts : undefined;
  }

  /** All who want to know at once ask together. */
  async get(): Promise<PlatformFacts> {
    const asking = (this.asking ??= this.ask());
    return asking.finally(() => {
      if (this.asking === asking) this.asking = undefined;
    });
  }

  /** Keys that auth-svc voids. */
  onKeys(keys: readonly string[]): void {
    if (keys.includes(KEY)) this.forget();
  }

  /** Something has changed, or may have. */
  forget(): void {
    this.generation += 1;
    this.heard = false;
    this.askedAt = Number.NEGATIVE_INFINITY;
    this.asking = undefined;
  }

  private async ask(): Promise<PlatformFacts> {
    const { generation } = this;
    const [askedAt, fresh] = [this.now(), this.heartbeat.fresh];
    const question = (this.questions += 1);
    const answer = await this.fetch();
    // Void or not, the newest answer is what counts while nobody can be asked: auth-svc repeats for seconds what has changed.
    if (answer && question > this.answered) [this.facts, this.answered] = [answer, question];
    if (generation !== this.generation) return answer ?? this.facts;
    this.askedAt = askedAt;
    this.heard = fresh && answer !== undefined;
    return this.facts;
  }

  private async fetch(): Promise<PlatformFacts | undefined> {
    try {
      const call = { requestId: 'platform-state', deadline: Date.now() + PATIENCE_MS };
      const { maintenance, requireSimulation } = await this.client.getPlatformState({}, call);
      return { maintenance, requireSimulation };
    } catch (error) {
      this.logger.warn({ err: error }, 'the settings of the platform cannot be asked for; those known last count');
      return undefined;
    }
  }
}
