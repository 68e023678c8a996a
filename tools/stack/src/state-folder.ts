import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SetupError } from '../setup/root.mjs';

const FORMAT = '1';
/** Under which name the password of the first administrator is kept. */
export const ADMIN_PASSWORD = 'platform-admin';
/** Postgres may run as another user and has to pass through; it sees nothing on its way. */
const MODE = 0o711;

/** `.oneclaw/`: everything that a stack keeps. Nothing in it is meant to leave the machine. */
export class StateFolder {
  readonly logs: string;
  readonly lockFile: string;
  readonly processesFile: string;

  private constructor(readonly path: string) {
    this.logs = this.at('logs');
    this.lockFile = this.at('stack.lock');
    this.processesFile = this.at('processes');
  }

  /** Makes the folder, or checks that it is one of ours and usable. */
  static open(folder: string): StateFolder {
    const state = new StateFolder(path.resolve(folder));
    state.check();
    return state;
  }

  /** A folder of its own for one run. */
  static temporary(): StateFolder {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'oneclaw-'));
    chmodSync(folder, MODE);
    return StateFolder.open(folder);
  }

  at(...parts: string[]): string {
    return path.join(this.path, ...parts);
  }

  has(...parts: string[]): boolean {
    return existsSync(this.at(...parts));
  }

  /** Keeps the logs of the run before, one deep. */
  rotateLogs(): void {
    const previous = this.at('logs.previous');
    rmSync(previous, { recursive: true, force: true });
    if (existsSync(this.logs)) renameSync(this.logs, previous);
    mkdirSync(this.logs, { mode: 0o700 });
  }

  /** A file that only this user reads. Answers its path. */
  writePrivate(parts: string[], content: string): string {
    const file = this.at(...parts);
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, content, { mode: 0o600 });
    return file;
  }

  /** A random password in a file of its own, made on first use. */
  password(name: string): { value: string; file: string } {
    const file = this.at('secrets', name);
    if (!existsSync(file)) this.writePrivate(['secrets', name], randomBytes(18).toString('hex'));
    return { value: readFileSync(file, 'utf8').trim(), file };
  }

  damaged(what: string): SetupError {
    return new SetupError(
      `The state folder ${this.path} is damaged: ${what}. Put it back from a backup, or delete the folder to start empty; every secret stored in it is lost then.`,
    );
  }

  private check(): void {
    try {
      mkdirSync(this.path, { recursive: true, mode: MODE });
      accessSync(this.path, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      const isFile = existsSync(this.path) && !statSync(this.path).isDirectory();
      throw new SetupError(
        `The state folder ${this.path} cannot be used: ${isFile ? 'it is a file' : `no reading and writing there (${code})`}.`,
      );
    }
    const version = this.at('format');
    if (!existsSync(version)) writeFileSync(version, `${FORMAT}\n`);
    const found = readFileSync(version, 'utf8').trim();
    if (found !== FORMAT) throw this.damaged(`its format is "${found}", this version of OneClaw knows ${FORMAT}`);
  }
}
