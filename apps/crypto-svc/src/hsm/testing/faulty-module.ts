import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

type Function =
  | 'C_Initialize'
  | 'C_Finalize'
  | 'C_OpenSession'
  | 'C_CloseSession'
  | 'C_Login'
  | 'C_Logout'
  | 'C_DestroyObject'
  | 'C_UnwrapKey'
  | 'C_GenerateKeyPair'
  | 'C_Encrypt'
  | 'C_Decrypt'
  | 'C_Sign';
type Fault = 'fail' | 'fail-once' | 'corrupt' | 'hang' | 'hang-once';

/** The module of test/pkcs11-shim around a real one, compiled here (pkcs11js needed a compiler to be installed, too). */
export class FaultyModule {
  readonly path: string;
  private readonly control = mkdtempSync(join(tmpdir(), 'oneclaw-shim-'));

  constructor(target: string) {
    this.path = join(this.control, 'shim.so');
    const source = fileURLToPath(new URL('../../../test/pkcs11-shim/shim.c', import.meta.url));
    const headers = join(dirname(createRequire(import.meta.url).resolve('pkcs11js')), 'includes');
    const definitions = [`-DTARGET="${target}"`, `-DCONTROL="${this.control}"`];
    const { status, stderr } = spawnSync(
      'cc',
      ['-shared', '-fPIC', '-O1', ...definitions, `-I${headers}`, '-o', this.path, source, '-ldl'],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`the test module does not compile: ${stderr}`);
  }

  start(fault: Fault, name: Function): void {
    writeFileSync(join(this.control, `${fault}-${name}`), '');
  }

  stop(fault: Fault, name: Function): void {
    rmSync(join(this.control, `${fault}-${name}`), { force: true });
  }

  /** Whether a fault for one call has met its call. */
  hasHit(fault: 'fail-once' | 'hang-once', name: Function): boolean {
    return !existsSync(join(this.control, `${fault}-${name}`));
  }

  /** Lets calls go on that were caught by `hang-once`. */
  release(): void {
    writeFileSync(join(this.control, 'release'), '');
  }

  /** How often the module was called since `forgetCalls`. */
  calls(name: Function): number {
    const file = join(this.control, 'calls');
    return existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => line === name).length
      : 0;
  }

  forgetCalls(): void {
    rmSync(join(this.control, 'calls'), { force: true });
  }

  destroy(): void {
    rmSync(this.control, { recursive: true, force: true });
  }
}
