/** While requests of known callers are under way, others get one turn for so many of those, and so many a second besides. */
const KNOWN_PER_TURN = 4;
const TURNS_PER_SECOND = 200;
const MAX_TURNS = 50;
/** And so long after the last has ended: known callers are answered in batches, and need a moment to ask again. */
const TAIL_MS = 50;
const TICK_MS = 5;
/** Turns in one tick when there is nobody to give way to. */
const TURNS_PER_TICK = 50;
const MAX_WAITING = 10_000;

/**
 * Known callers go first. As long as they are being served, everybody else (no token, a token not seen before, public routes, routes that are none)
 * gets a bounded share of this process: a flood waits for itself, while readers hardly notice. A request that turns out well gives its turn back, so
 * that many who log in at once are held up by no more than what they ask for. Whoever has nobody to give way to does not wait.
 */
export class RightOfWay {
  private readonly waiting: (() => void)[] = [];
  private turns = MAX_TURNS;
  private countedAt: number;
  private knownUnderWay = 0;
  private knownUntil = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.countedAt = now();
  }

  /** A request of a known caller passes; `leave` when it has ended. */
  pass(): void {
    this.knownUnderWay += 1;
    this.addTurns(1 / KNOWN_PER_TURN);
  }

  leave(): void {
    this.knownUnderWay -= 1;
    this.knownUntil = this.now() + TAIL_MS;
  }

  /** Calls `proceed` when it is the turn of a request of anybody else, at once if it can be; false where too many wait already. */
  wait(proceed: () => void): boolean {
    if (this.waiting.length === 0 && this.takeTurn()) {
      proceed();
      return true;
    }
    if (this.waiting.length >= MAX_WAITING) return false;
    this.waiting.push(proceed);
    this.timer ??= setInterval(() => this.tick(), TICK_MS).unref();
    return true;
  }

  /** Of a request of anybody else that turned out well. */
  giveBack(): void {
    this.addTurns(1);
  }

  get size(): number {
    return this.waiting.length;
  }

  /** Public for tests with a clock of their own. */
  tick(): void {
    for (let turn = 0; turn < TURNS_PER_TICK && this.waiting.length > 0 && this.takeTurn(); turn += 1) {
      this.waiting.shift()?.();
    }
    if (this.waiting.length === 0) this.close();
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private takeTurn(): boolean {
    const now = this.now();
    this.addTurns(((now - this.countedAt) / 1000) * TURNS_PER_SECOND);
    this.countedAt = now;
    if (this.knownUnderWay === 0 && now >= this.knownUntil) return true;
    if (this.turns < 1) return false;
    this.turns -= 1;
    return true;
  }

  private addTurns(count: number): void {
    this.turns = Math.min(MAX_TURNS, this.turns + count);
  }
}
