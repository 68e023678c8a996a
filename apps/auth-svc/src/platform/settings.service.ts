import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { notFound } from '@oneclaw/errors';
import { auditEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { actorOf, originOf } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import { Invalidations } from '../sessions/invalidations.js';
import { checkKey, checkSetting, MAINTENANCE, REQUIRE_SIMULATION } from './known-settings.js';
import { PlatformAccess } from './platform-access.js';
import type { PlatformState, Setting } from './setting.entity.js';
import { SettingsRepository } from './settings.repository.js';

/** Settings of the installation. */
@Injectable()
export class SettingsService {
  constructor(
    private readonly database: DataSource,
    private readonly settings: SettingsRepository,
    private readonly access: PlatformAccess,
    private readonly invalidations: Invalidations,
  ) {}

  async list(caller: Caller, call: CallContext): Promise<Setting[]> {
    await this.access.require(caller, call, { action: 'admin.list_settings', resourceType: 'setting' });
    return this.settings.list(this.database);
  }

  async put(caller: Caller, call: CallContext, key: string, value: string): Promise<Setting> {
    checkSetting(key, value);
    const attempt = { action: 'admin.set_setting' as const, resourceType: 'setting', resourceId: key };
    await this.access.require(caller, call, attempt);
    return transaction(this.database, async (manager) => {
      const setting = await this.settings.put(manager, key, value, caller.id);
      // The value may be anything; that of a key which something acts by is what happened.
      const details = key === MAINTENANCE || key === REQUIRE_SIMULATION ? { value } : {};
      await commitEvents(manager, [auditEvent({ ...attempt, ...actorOf(caller), ...originOf(call), details })]);
      await this.invalidations.add(manager, ['platform:state']);
      return setting;
    });
  }

  async delete(caller: Caller, call: CallContext, key: string): Promise<void> {
    checkKey(key);
    const attempt = { action: 'admin.delete_setting' as const, resourceType: 'setting', resourceId: key };
    await this.access.require(caller, call, attempt);
    await transaction(this.database, async (manager) => {
      if (!(await this.settings.delete(manager, key))) throw notFound('Setting');
      await commitEvents(manager, [auditEvent({ ...attempt, ...actorOf(caller), ...originOf(call) })]);
      await this.invalidations.add(manager, ['platform:state']);
    });
  }

  async state(): Promise<PlatformState> {
    const values = await this.settings.find(this.database, [MAINTENANCE, REQUIRE_SIMULATION]);
    const isOn = (key: string) => values.get(key) === 'true';
    return { maintenance: isOn(MAINTENANCE), requireSimulation: isOn(REQUIRE_SIMULATION) };
  }
}
