import { randomBytes, randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runOrFail } from '../setup/run-command.mjs';
import { TOKEN_LABEL } from './service-env.js';

/**
 * A SoftHSM token in a folder of the state. Made aside and renamed when complete with its keys, so that a start that
 * was cut off never leaves half a token.
 */
export class SoftHsm {
  readonly pinFile: string;
  readonly confFile: string;

  constructor(
    private readonly folder: string,
    readonly module: string,
    private readonly util: string,
  ) {
    this.pinFile = path.join(folder, 'pin');
    this.confFile = path.join(folder, 'softhsm2.conf');
  }

  get exists(): boolean {
    return existsSync(this.folder);
  }

  /** What is wrong with it, if anything is. */
  get damage(): string | undefined {
    const tokens = path.join(this.folder, 'tokens');
    if (!existsSync(this.pinFile)) return `the HSM's PIN is missing (${this.pinFile})`;
    if (!existsSync(tokens) || readdirSync(tokens).length === 0) return `the HSM's token is missing (${tokens})`;
    return undefined;
  }

  /** The configuration holds absolute paths; written at every start, a moved state folder stays usable. */
  writeConfiguration(): void {
    const lines = [
      `directories.tokendir = ${path.join(this.folder, 'tokens')}`,
      'objectstore.backend = file',
      'log.level = ERROR',
      'slots.removable = false',
    ];
    writeFileSync(this.confFile, `${lines.join('\n')}\n`, { mode: 0o600 });
  }

  /** @param createKeys puts the keys into the new token */
  async initialise(createKeys: (token: SoftHsm) => Promise<void>): Promise<void> {
    const unfinished = new SoftHsm(`${this.folder}.new`, this.module, this.util);
    rmSync(unfinished.folder, { recursive: true, force: true });
    await unfinished.createToken();
    await createKeys(unfinished);
    renameSync(unfinished.folder, this.folder);
    this.writeConfiguration();
  }

  /** The token vanishes, as when a device is unplugged. */
  hide(): void {
    renameSync(path.join(this.folder, 'tokens'), path.join(this.folder, 'tokens.hidden'));
  }

  restore(): void {
    renameSync(path.join(this.folder, 'tokens.hidden'), path.join(this.folder, 'tokens'));
  }

  private async createToken(): Promise<void> {
    mkdirSync(path.join(this.folder, 'tokens'), { recursive: true, mode: 0o700 });
    this.writeConfiguration();
    const pin = Array.from({ length: 16 }, () => randomInt(10)).join('');
    writeFileSync(this.pinFile, pin, { mode: 0o600 });
    // Nobody needs the security officer again: a token that has lost its PIN is made anew.
    const securityOfficer = randomBytes(16).toString('hex');
    await runOrFail(
      this.util,
      [
        '--init-token',
        '--free',
        '--label',
        TOKEN_LABEL,
        '--so-pin',
        securityOfficer,
        '--pin',
        pin,
        '--module',
        this.module,
      ],
      { env: { PATH: process.env['PATH'], SOFTHSM2_CONF: this.confFile } },
      'The HSM token could not be made (softhsm2-util --init-token). What it said is above.',
    );
  }
}
