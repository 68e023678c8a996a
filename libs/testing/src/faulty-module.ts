import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileSharedObject } from './shared-object.js';

type Function =
  | 'C_Initialize'
  | 'C_Finalize'
  | 'C_GetSlotList'
  | 'C_GetTokenInfo'
  | 'C_OpenSession'
  | 'C_CloseSession'
  | 'C_Login'
  | 'C_Logout'
  | 'C_FindObjectsInit'
  | 'C_DestroyObject'
  | 'C_EncryptInit'
  | 'C_DecryptInit'
  | 'C_SignInit'
  | 'C_GenerateKey'
  | 'C_GenerateKeyPair'
  | 'C_WrapKey'
  | 'C_UnwrapKey'
  | 'C_Encrypt'
  | 'C_Decrypt'
  | 'C_Sign';
type Faultable = Function | 'any';
type FaultOfOneCall = 'fail-once' | 'hang-once';
type Fault = FaultOfOneCall | 'fail' | 'fail-third' | 'slow' | 'corrupt' | 'hang';

/** The module of native/pkcs11-shim.c around a real one. Processes that have loaded it obey at once. */
export class FaultyModule {
  readonly path: string;
  private readonly control = mkdtempSync(join(tmpdir(), 'oneclaw-shim-'));

  constructor(target: string) {
    this.path = join(this.control, 'shim.so');
    compileSharedObject('pkcs11-shim.c', this.path, { TARGET: target, CONTROL: this.control });
  }

  start(fault: Fault, name: Faultable): void {
    writeFileSync(join(this.control, `${fault}-${name}`), '');
  }

  stop(fault: Fault, name: Faultable): void {
    rmSync(join(this.control, `${fault}-${name}`), { force: true });
  }

  /** Whether a fault for one call has met its call. */
  hasHit(fault: FaultOfOneCall, name: Faultable): boolean {
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
