import { Injectable } from '@nestjs/common';
import { type Caller, isPlatformManager, PLATFORM_ORG_ID } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { permissionDenied } from '@oneclaw/errors';
import { appendEvents } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { adminEvent } from '../audit.js';
import type { X402Settings } from './x402-settings.js';
import { X402SettingsRepository } from './x402-settings.repository.js';

/** How requests are paid for by x402, in the hands of the platform's owners and admins. */
@Injectable()
export class X402AdminService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: X402SettingsRepository,
  ) {}

  async get(caller: Caller): Promise<X402Settings> {
    requirePlatformManager(caller);
    return this.settings.find(this.dataSource);
  }

  async set(caller: Caller, call: CallContext, change: Partial<X402Settings>): Promise<X402Settings> {
    requirePlatformManager(caller);
    return transaction(this.dataSource, async (manager) => {
      const settings = await this.settings.update(manager, change);
      const { payTo: pay_to, network, asset, freeTierLimit: free_tier_limit } = settings;
      // Where money goes belongs into the trail; the facilitator's URL might hold a key.
      const details = { pay_to, network, asset, free_tier_limit };
      await appendEvents(manager, [adminEvent('admin.set_x402', caller, call, PLATFORM_ORG_ID, details)]);
      return settings;
    });
  }
}

function requirePlatformManager(caller: Caller): void {
  if (!isPlatformManager(caller)) throw permissionDenied('Only owners and admins of the platform org may do this.');
}
