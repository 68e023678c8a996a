import { Module, type Slot } from 'graphene-pk11';
import { HsmAbsent } from '../hsm.errors.js';
import { describe, returnCode } from './return-code.js';

const CKF_OS_LOCKING_OK = 2; // without it, threads crash

/**
 * The PKCS#11 module. Its initialised state, its tokens and the login belong to the process, not to the thread:
 * whoever finalises must know that no other thread is inside a call.
 */
export class Cryptoki {
  private constructor(
    private readonly module: Module,
    private readonly path: string,
  ) {}

  static load(path: string): Cryptoki {
    try {
      return new Cryptoki(Module.load(path), path);
    } catch (error) {
      throw new HsmAbsent(`The PKCS#11 module ${path} cannot be loaded: ${describe(error)}.`);
    }
  }

  /** Also when another thread of this process has initialised already (graphene takes that for success). */
  initialise(): void {
    this.module.initialize({ flags: CKF_OS_LOCKING_OK });
  }

  /** Ends every session and the login of the whole process. */
  finalise(): void {
    try {
      this.module.finalize();
    } catch (error) {
      if (returnCode(error) !== 'CKR_CRYPTOKI_NOT_INITIALIZED') throw error;
    }
  }

  /** Slot numbers change when a module is initialised again; labels do not. */
  findSlot(tokenLabel: string): Slot {
    const slots = this.module.getSlots(true);
    const found: Slot[] = [];
    for (let index = 0; index < slots.length; index++) {
      const slot = slots.items(index);
      if (labelOf(slot) === tokenLabel) found.push(slot);
    }
    const [slot, ...others] = found;
    if (slot === undefined)
      throw new HsmAbsent(`The PKCS#11 module ${this.path} shows no token labelled "${tokenLabel}".`);
    if (others.length > 0)
      throw new HsmAbsent(`${found.length} tokens are labelled "${tokenLabel}"; the label must be unique.`);
    return slot;
  }
}

function labelOf(slot: Slot): string | undefined {
  try {
    return slot.getToken().label;
  } catch {
    return undefined; // a token that cannot be asked is not the one we look for
  }
}
