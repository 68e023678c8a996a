import { createRequire } from 'node:module';
import path from 'node:path';
import { NODE } from '../setup/root.mjs';
import { Child, type ChildHost } from './child.js';

/** MailDev: takes every mail that the services send and shows it. */
export class MailCatcher {
  readonly child: Child;

  constructor(
    readonly smtpPort: number,
    readonly webPort: number,
    folder: string,
    host: ChildHost,
  ) {
    const packageFile = createRequire(import.meta.url).resolve('maildev/package.json');
    const options = {
      '--smtp': String(smtpPort),
      '--web': String(webPort),
      '--ip': '127.0.0.1',
      '--web-ip': '127.0.0.1',
      '--mail-directory': folder,
    };
    this.child = new Child(
      {
        name: 'mail',
        command: NODE,
        args: [path.join(path.dirname(packageFile), 'bin/maildev'), ...Object.entries(options).flat()],
        env: { PATH: process.env['PATH'] },
        cwd: '/',
        stopSignal: 'SIGTERM',
        graceMs: 2_000,
      },
      host,
    );
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get webUrl(): string {
    return `http://localhost:${this.webPort}`;
  }

  /** REST: GET `/email`, GET `/email/:id`, DELETE `/email/all`. */
  get restUrl(): string {
    return `http://127.0.0.1:${this.webPort}/email`;
  }

  get smtpUrl(): string {
    return `smtp://127.0.0.1:${this.smtpPort}`;
  }

  start(): Promise<void> {
    return this.child.start();
  }

  stop(): Promise<void> {
    return this.child.stop();
  }
}
