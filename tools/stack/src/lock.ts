import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { SetupError } from '../setup/root.mjs';
import { processIdentity } from './process-identity.js';

/** One stack per state folder. A lock whose holder is gone (kill -9, power cut) is taken over. */
export class Lock {
  private constructor(private readonly file: string) {}

  static acquire(file: string): Lock {
    for (let attempt = 0; attempt < 2; attempt++) {
      if (create(file)) return new Lock(file);
      const holder = read(file);
      if (holder && processIdentity(holder.pid) === holder.identity) {
        throw new SetupError(
          `OneClaw already runs from this folder (process ${holder.pid}). Stop it there with Ctrl-C, or use another state folder: ONECLAW_STATE=/some/folder PORT=8081 MAIL_PORT=1081 SMTP_PORT=1026 npm start`,
        );
      }
      rmSync(file, { force: true });
    }
    throw new SetupError(`Another start is under way: ${file} changed hands. Try again.`);
  }

  release(): void {
    if (read(this.file)?.pid === process.pid) rmSync(this.file, { force: true });
  }
}

function create(file: string): boolean {
  try {
    writeFileSync(file, `${process.pid} ${processIdentity(process.pid) ?? ''}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function read(file: string): { pid: number; identity: string } | undefined {
  try {
    const [pid, identity = ''] = readFileSync(file, 'utf8').trim().split(' ');
    return { pid: Number(pid), identity };
  } catch {
    return undefined;
  }
}
