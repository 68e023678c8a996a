import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { endianness, tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileSharedObject } from './shared-object.js';

/** Wall clocks of processes that can be wrong, and become wrong while they run: native/clock.c. */
export class FaultyClocks {
  private readonly folder = mkdtempSync(join(tmpdir(), 'oneclaw-clock-'));
  private readonly library = join(this.folder, 'clock.so');
  private readonly files = new Map<string, number>();

  constructor() {
    if (process.platform !== 'linux')
      throw new Error('A clock is made wrong by LD_PRELOAD, which this system has not.');
    compileSharedObject('clock.c', this.library, {});
  }

  /** The environment of a process that has a clock of its own, which is right for now. */
  env(name: string): Record<string, string> {
    const file = join(this.folder, name);
    this.files.set(name, openSync(file, 'w'));
    this.set(name, 0);
    return { LD_PRELOAD: this.library, FAULTY_CLOCK: file };
  }

  /** Seconds that the clock is ahead. */
  set(name: string, seconds: number): void {
    const file = this.files.get(name);
    if (file === undefined) throw new Error(`${name} has no clock of its own.`);
    const bytes = Buffer.alloc(8);
    if (endianness() === 'LE') bytes.writeBigInt64LE(BigInt(seconds));
    else bytes.writeBigInt64BE(BigInt(seconds));
    writeSync(file, bytes, 0, bytes.length, 0);
  }

  destroy(): void {
    for (const file of this.files.values()) closeSync(file);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
