import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileSharedObject } from './shared-object.js';

/**
 * A disk that can be full for one process, native/full-disk.c. Needs neither rights nor a file system of its own: the process
 * gets `env`, and keeps its data in its working directory.
 */
export class FullDisk {
  readonly env: Record<string, string>;
  private readonly folder = mkdtempSync(join(tmpdir(), 'oneclaw-disk-'));
  private readonly flag = join(this.folder, 'full');

  constructor() {
    if (process.platform !== 'linux') throw new Error('A full disk is made by LD_PRELOAD, which this system has not.');
    // The process may belong to another user.
    chmodSync(this.folder, 0o755);
    const library = join(this.folder, 'full-disk.so');
    compileSharedObject('full-disk.c', library, { FLAG: this.flag });
    this.env = { LD_PRELOAD: library };
  }

  fill(): void {
    writeFileSync(this.flag, '');
  }

  free(): void {
    rmSync(this.flag, { force: true });
  }

  destroy(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
