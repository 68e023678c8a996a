import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { ChainAccess } from './chain-access.js';
import { ChainVerifier, type Verified, type VerifyProgress } from './verify-chain.js';

/** Some tenths of a second. */
const PAGES_PER_CALL = 10;

@Injectable()
export class ChainVerificationService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly access: ChainAccess,
    private readonly verifier: ChainVerifier,
  ) {}

  /** One stretch of a verification: from the beginning, or from where the stretch before ended. */
  async verify(caller: Caller, from: VerifyProgress | undefined, call: CallContext): Promise<Verified> {
    await this.access.require(caller, 'audit.verify', call);
    const progress = from ?? (await this.verifier.begin(this.dataSource, caller.orgId));
    return this.verifier.goOn(this.dataSource, progress, PAGES_PER_CALL);
  }
}
