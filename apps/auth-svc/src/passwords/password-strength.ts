import { Worker } from 'node:worker_threads';
import { unavailable } from '@oneclaw/errors';
import type { StrengthAnswer, StrengthQuestion } from './strength.worker.js';

export type Strength = Pick<StrengthAnswer, 'score' | 'warning'>;

interface Pending {
  resolve: (strength: Strength) => void;
  reject: (error: Error) => void;
}

/** Estimating costs more than quadratic time; what makes a password strong shows in its first hundred characters. */
const JUDGED_CHARACTERS = 100;
/** The dictionaries take tens of megabytes: they go when nobody signs up. */
const IDLE_MS = 10_000;
const LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 16 };

/** How guessable a password is (zxcvbn), found in a worker thread that lives while it is needed. */
export class PasswordStrength {
  private worker: Worker | undefined;
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  private idle: NodeJS.Timeout | undefined;

  estimate(password: string, personal: readonly string[]): Promise<Strength> {
    const question = {
      id: (this.lastId += 1),
      password: password.slice(0, JUDGED_CHARACTERS),
      personal: [...personal],
    };
    return new Promise<Strength>((resolve, reject) => {
      this.pending.set(question.id, { resolve, reject });
      this.ask(question);
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.idle);
    const worker = this.worker;
    this.worker = undefined;
    await worker?.terminate();
  }

  private ask(question: StrengthQuestion): void {
    clearTimeout(this.idle);
    this.worker ??= this.start();
    this.worker.postMessage(question);
  }

  private start(): Worker {
    const file = import.meta.url.endsWith('.ts') ? './strength.worker.ts' : './strength.worker.js';
    const worker = new Worker(new URL(file, import.meta.url), { resourceLimits: LIMITS });
    worker.on('message', ({ id, score, warning }: StrengthAnswer) => this.settle(id, { score, warning }));
    worker.on('error', (error) => this.lose(worker, error));
    worker.on('exit', () => this.lose(worker, new Error('the strength worker has ended')));
    return worker;
  }

  private settle(id: number, strength: Strength): void {
    this.pending.get(id)?.resolve(strength);
    this.pending.delete(id);
    if (this.pending.size > 0) return;
    this.idle = setTimeout(() => void this.close(), IDLE_MS);
    this.idle.unref();
  }

  /** Whoever waits is told; the next question starts another worker. */
  private lose(worker: Worker, cause: Error): void {
    if (this.worker === worker) this.worker = undefined;
    else if (this.worker !== undefined) return;
    for (const { reject } of this.pending.values()) reject(unavailable('The password could not be checked.', cause));
    this.pending.clear();
  }
}
