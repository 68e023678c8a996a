import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
type FaultOfOneCall = 'fail-once' | 'hang-once' | 'corrupt-once';
type Fault = FaultOfOneCall | 'fail' | 'fail-third' | 'slow' | 'corrupt' | 'hang';

/** What `fail` answers, of PKCS #11's return values. */
export const CKR = {
  DEVICE_ERROR: 0x30,
  KEY_HANDLE_INVALID: 0x60,
  OBJECT_HANDLE_INVALID: 0x82,
  PIN_INCORRECT: 0xa0,
  SESSION_HANDLE_INVALID: 0xb3,
  USER_NOT_LOGGED_IN: 0x101,
} as const;
const SLOW_MS = 300;

/** The module of native/pkcs11-shim.c around a real one. Processes that have loaded it obey at once. */
export class FaultyModule {
  readonly path: string;
  private readonly control = mkdtempSync(join(tmpdir(), 'oneclaw-shim-'));

  constructor(target: string) {
    this.path = join(this.control, 'shim.so');
    compileSharedObject('pkcs11-shim.c', this.path, { TARGET: target, CONTROL: this.control });
    this.forgetCalls();
  }

  start(fault: Fault, name: Faultable): void {
    if (fault === 'slow') return this.slow(name, SLOW_MS);
    this.write(`${fault}-${name}`, '');
  }

  /** Calls take so much longer. */
  slow(name: Faultable, ms: number): void {
    this.write(`slow-${name}`, String(Math.round(ms * 1000)));
  }

  /** Calls answer an error of another kind than `start('fail', …)` has them. */
  failWith(name: Faultable, error: keyof typeof CKR): void {
    this.write(`fail-${name}`, CKR[error].toString(16));
  }

  /** Keys whose label begins like this are not found, until `showKeys`. */
  hideKeys(label: string): void {
    this.write('missing-key', label);
  }

  showKeys(): void {
    rmSync(join(this.control, 'missing-key'), { force: true });
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
    this.write('calls', '');
  }

  /** For floods of calls, which nobody counts. */
  countNoCalls(): void {
    rmSync(join(this.control, 'calls'), { force: true });
  }

  destroy(): void {
    rmSync(this.control, { recursive: true, force: true });
  }

  /** Whole from the start, because calls go on. */
  private write(name: string, content: string): void {
    const file = join(this.control, name);
    writeFileSync(`${file}.new`, content);
    renameSync(`${file}.new`, file);
  }
}
