const QUIET_MS = 1_000;
const HEARTBEAT_MS = 15_000;

/**
 * One line per step with its elapsed time. On a terminal the line counts while the step works; elsewhere a step that
 * takes longer than a second announces itself, and says every fifteen seconds that it is still at it.
 */
export class Progress {
  constructor(out = process.stdout) {
    this.out = out;
    this.live = Boolean(out.isTTY);
    this.silent = false;
  }

  /** Says no more: what fails from now on fails because somebody asked for an end. */
  silence() {
    if (this.live) this.#write('\r\x1b[K');
    this.silent = true;
  }

  /**
   * @template T
   * @param {string} label
   * @param {(detail: (text: string) => void) => Promise<T> | T} work may say more about its result through `detail`
   * @returns {Promise<T>}
   */
  async step(label, work) {
    const started = Date.now();
    let detail = '';
    const stopShowing = this.live ? this.#showLive(label, started) : this.#showPlain(label, started);
    try {
      const result = await work((text) => (detail = text));
      stopShowing();
      this.#end('✓', label, detail, started);
      return result;
    } catch (error) {
      stopShowing();
      this.#end('✗', label, 'failed', started);
      throw error;
    }
  }

  #showLive(label, started) {
    const draw = () => this.#write(`\r\x1b[K  · ${label} … ${seconds(started)}`);
    draw();
    const timer = setInterval(draw, 200);
    return () => {
      clearInterval(timer);
      this.#write('\r\x1b[K');
    };
  }

  #showPlain(label, started) {
    const first = setTimeout(() => this.#write(`  · ${label} …\n`), QUIET_MS);
    const beat = setInterval(() => this.#write(`  · ${label} … ${seconds(started)}\n`), HEARTBEAT_MS);
    return () => {
      clearTimeout(first);
      clearInterval(beat);
    };
  }

  #end(mark, label, detail, started) {
    this.#write(`  ${mark} ${label.padEnd(22)} ${detail.padEnd(34)} ${seconds(started).padStart(7)}\n`);
  }

  #write(text) {
    if (!this.silent) this.out.write(text);
  }
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}
