import { Injectable, type OnModuleInit } from '@nestjs/common';
import { VerificationKeys } from '@oneclaw/caller';
import { ping } from '@oneclaw/database';
import { Readiness } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';

/**
 * Ready means: the database answers, and the keys that prove who calls were fetched once. An HSM that fails later makes the
 * operations that need it fail, and must not take vaults, policies and lists down with it.
 */
@Injectable()
export class ReadinessChecks implements OnModuleInit {
  private keysKnown = false;

  constructor(
    private readonly readiness: Readiness,
    private readonly database: DataSource,
    private readonly keys: VerificationKeys,
  ) {}

  onModuleInit(): void {
    this.readiness.add('database', () => ping(this.database));
    this.readiness.add('caller_keys', () => this.fetchKeys());
  }

  private async fetchKeys(): Promise<void> {
    if (this.keysKnown) return;
    // Of no key: the look-up fetches the list, and throws while there is none.
    await this.keys.find('');
    this.keysKnown = true;
  }
}
