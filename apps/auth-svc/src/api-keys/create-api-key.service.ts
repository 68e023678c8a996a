import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import type { CreateApiKeyRequest } from '@oneclaw/contracts/auth';
import { transaction } from '@oneclaw/database';
import { notFound } from '@oneclaw/errors';
import { auditEvent, type OutboxEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { actorOf, originOf } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import { MailOutbox, type PreparedMail } from '../mail/mail-outbox.js';
import { KeyMacs } from '../tokens/key-macs.js';
import type { ApiKey, NewApiKey } from './api-key.entity.js';
import { parseApiKeySettings } from './api-key-settings.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { newPersonalKey, prefixOf } from './personal-key.js';

/** Makes personal API keys. */
@Injectable()
export class CreateApiKeyService {
  constructor(
    private readonly database: DataSource,
    private readonly accounts: AccountsRepository,
    private readonly keys: ApiKeysRepository,
    private readonly macs: KeyMacs,
    private readonly mails: MailOutbox,
  ) {}

  /** The key is in nobody's hands unless its event and its mail are committed. */
  async create(
    caller: Caller,
    call: CallContext,
    request: CreateApiKeyRequest,
  ): Promise<{ key: ApiKey; apiKey: string }> {
    const settings = parseApiKeySettings(request);
    const apiKey = newPersonalKey();
    const [mac] = await this.macs.compute([apiKey], call, 'personal-api-key');
    const newKey = { ...settings, id: uuidv7(), prefix: prefixOf(apiKey), mac: mac as Buffer };
    const mail = await this.mailAbout(newKey, caller, call);
    const key = await transaction(this.database, async (manager) => {
      const inserted = await this.keys.insert(manager, caller.orgId, caller.id, newKey);
      await commitEvents(manager, [createEvent(inserted, caller, call)]);
      await this.mails.enqueue(manager, mail);
      return inserted;
    });
    return { key, apiKey };
  }

  private async mailAbout({ name, prefix }: NewApiKey, caller: Caller, call: CallContext): Promise<PreparedMail> {
    const { orgId, id } = caller;
    const profile = await this.accounts.findProfile(this.database, orgId, id);
    if (!profile) throw notFound('Account');
    const params = { name, key_prefix: prefix, created_at: new Date().toISOString(), ip_address: call.clientIp };
    return this.mails.prepare({ kind: 'api_key_created', orgId, to: profile.email, params }, call);
  }
}

function createEvent({ id, name, prefix, scopes, expiresAt }: ApiKey, caller: Caller, call: CallContext): OutboxEvent {
  return auditEvent({
    ...actorOf(caller),
    action: 'apikey.create',
    resourceType: 'api_key',
    resourceId: id,
    details: { name, key_prefix: prefix, scopes, ...(expiresAt ? { expires_at: expiresAt.toISOString() } : {}) },
    ...originOf(call),
  });
}
