import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import type { CreateApiKeyRequest } from '@oneclaw/contracts/auth';
import { transaction } from '@oneclaw/database';
import { notFound } from '@oneclaw/errors';
import { auditEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { actorOf, originOf } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import { InteractiveOnly } from '../sessions/interactive-only.js';
import { Invalidations } from '../sessions/invalidations.js';
import type { ApiKey } from './api-key.entity.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { CreateApiKeyService } from './create-api-key.service.js';

/** What people do with their own API keys. */
@Injectable()
export class ApiKeysService {
  constructor(
    private readonly database: DataSource,
    private readonly keys: ApiKeysRepository,
    private readonly creating: CreateApiKeyService,
    private readonly interactive: InteractiveOnly,
    private readonly invalidations: Invalidations,
  ) {}

  async create(
    caller: Caller,
    call: CallContext,
    request: CreateApiKeyRequest,
  ): Promise<{ key: ApiKey; apiKey: string }> {
    await this.interactive.require(caller, call, { action: 'apikey.create', resourceType: 'api_key' });
    return this.creating.create(caller, call, request);
  }

  async list(caller: Caller): Promise<ApiKey[]> {
    return this.keys.list(this.database, caller.orgId, caller.id);
  }

  /** Ends the key and every session that began with it: those say which key they are of. */
  async revoke(caller: Caller, call: CallContext, keyId: string): Promise<void> {
    const attempt = { action: 'apikey.revoke' as const, resourceType: 'api_key', resourceId: keyId };
    await this.interactive.require(caller, call, attempt);
    if (!isUuid(keyId)) throw notFound('API key');
    await transaction(this.database, async (manager) => {
      const key = await this.keys.delete(manager, caller.orgId, caller.id, keyId);
      if (!key) throw notFound('API key');
      const details = { name: key.name, key_prefix: key.prefix };
      await commitEvents(manager, [auditEvent({ ...attempt, ...actorOf(caller), ...originOf(call), details })]);
      await this.invalidations.add(manager, [`user:${caller.id}`]);
    });
  }
}
