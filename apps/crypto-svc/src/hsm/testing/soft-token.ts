import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { ObjectClass } from 'graphene-pk11';
import { Cryptoki } from '../pkcs11/cryptoki.js';
import { KeyCeremony } from '../pkcs11/key-ceremony.js';
import { rootKeyTemplate } from '../pkcs11/mechanisms.js';
import { TokenSession } from '../pkcs11/token-session.js';

const PIN = '4711-4711';
const LABEL = 'oneclaw-test';

/**
 * A SoftHSM token of its own in a temporary directory. SoftHSM reads SOFTHSM2_CONF from the process when it is
 * initialised, so a process uses one token at a time: `select` it, and close what used the one before.
 */
export class SoftToken {
  readonly pin = PIN;
  readonly label = LABEL;
  readonly modulePath = softhsmModule();
  private readonly directory = mkdtempSync(join(tmpdir(), 'oneclaw-token-'));
  private readonly tokens = join(this.directory, 'tokens');
  readonly configuration = join(this.directory, 'softhsm2.conf');
  readonly pinFile = join(this.directory, 'pin');

  private constructor() {
    mkdirSync(this.tokens);
    writeFileSync(this.pinFile, `${PIN}\n`);
    writeFileSync(
      this.configuration,
      `directories.tokendir = ${this.tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`,
    );
    this.run('softhsm2-util', ['--init-token', '--free', '--label', LABEL, '--pin', PIN, '--so-pin', PIN]);
  }

  /** Without keys, and selected for this process. */
  static async empty(): Promise<SoftToken> {
    const token = new SoftToken();
    await token.select();
    return token;
  }

  /** After `hsm init`. */
  static async withKeys(): Promise<SoftToken> {
    const token = await SoftToken.empty();
    KeyCeremony.perform({ modulePath: token.modulePath, tokenLabel: LABEL, pin: PIN }, (ceremony) => ceremony.init());
    return token;
  }

  /** Puts a root key of known value onto the token, for vectors. Not while a service uses the token in this process. */
  importRootKey(generation: number, value: Buffer): void {
    const cryptoki = Cryptoki.load(this.modulePath);
    cryptoki.initialise();
    const opened = TokenSession.open(cryptoki.findSlot(LABEL), 1, 'read-write');
    opened.login(PIN);
    const template = rootKeyTemplate(generation);
    delete template['valueLen']; // follows from the value
    opened.session.create({ ...template, class: ObjectClass.SECRET_KEY, value });
    cryptoki.finalise();
  }

  /** Jest's process.env is a copy that native code does not see; a worker that shares the true one sets it. */
  async select(): Promise<void> {
    const setting = new Worker(`process.env.SOFTHSM2_CONF = require('node:worker_threads').workerData`, {
      eval: true,
      env: SHARE_ENV,
      workerData: this.configuration,
    });
    await new Promise((resolve) => setting.once('exit', resolve));
  }

  /** As when the device is unplugged. */
  takeAway(): void {
    renameSync(this.tokens, `${this.tokens}.away`);
  }

  bringBack(): void {
    renameSync(`${this.tokens}.away`, this.tokens);
  }

  /** The `hsm` command line in a process of its own, as an operator runs it. */
  hsmCli(args: readonly string[], settings: Record<string, string> = {}) {
    const cli = new URL('../hsm-cli.js', import.meta.url.replace('/crypto-svc/src/', '/crypto-svc/dist/'));
    const token = { PKCS11_MODULE: this.modulePath, PKCS11_TOKEN_LABEL: LABEL, PKCS11_PIN_FILE: this.pinFile };
    return this.spawn(process.execPath, [cli.pathname, ...args], { ...token, ...settings });
  }

  /** As `hsm rotate-root-key` does first, in a process of its own; answers the generation. */
  makeRootKey(): number {
    return Number(this.ceremony('makeRootKey()'));
  }

  /** As `hsm rotate-root-key` does last. */
  destroyRootKey(generation: number): void {
    this.ceremony(`destroyRootKey(${generation})`);
  }

  private ceremony(step: string): string {
    const module = new URL(
      '../pkcs11/key-ceremony.js',
      import.meta.url.replace('/crypto-svc/src/', '/crypto-svc/dist/'),
    );
    const options = JSON.stringify({ modulePath: this.modulePath, tokenLabel: LABEL, pin: PIN });
    const script = `import { KeyCeremony } from '${module}';
      console.log(KeyCeremony.perform(${options}, (ceremony) => ceremony.${step}))`;
    const { exitCode, output } = this.spawn(process.execPath, ['--input-type=module', '-e', script]);
    if (exitCode !== 0) throw new Error(output);
    return output;
  }

  destroy(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private run(command: string, args: readonly string[]): void {
    const { exitCode, output } = this.spawn(command, args);
    if (exitCode !== 0) throw new Error(`${command} failed: ${output}`);
  }

  private spawn(command: string, args: readonly string[], settings: Record<string, string> = {}) {
    const assignments = Object.entries({ SOFTHSM2_CONF: this.configuration, ...settings }).map(
      ([name, value]) => `${name}=${value}`,
    );
    const result = spawnSync('env', [...assignments, command, ...args], { encoding: 'utf8' });
    return { exitCode: result.status, output: `${result.stdout}${result.stderr}`.trim() };
  }
}

function softhsmModule(): string {
  const found = MODULES.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`SoftHSM is not installed; looked for ${MODULES.join(', ')}`);
  return found;
}

const MODULES = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
];
