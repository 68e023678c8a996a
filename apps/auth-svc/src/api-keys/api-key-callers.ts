import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import type { OutgoingCall } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { pathScopesOf } from '../sessions/current-caller.js';
import { type ActiveHolder, ApiKeyFinder } from './api-key-finder.js';
import { areaScopesOf } from './api-key-scope.js';
import { ApiKeysRepository } from './api-keys.repository.js';

/** Who calls with a key, until when at most; or why nobody does (for the log). */
export type KeyCaller = { caller: Caller; endsAt: Date | undefined } | { refusal: string };

/** Personal API keys in place of tokens: each request is made by whoever holds the key now. */
@Injectable()
export class ApiKeyCallers {
  constructor(
    private readonly database: DataSource,
    private readonly finder: ApiKeyFinder,
    private readonly keys: ApiKeysRepository,
  ) {}

  /** By key. */
  async find(keys: readonly string[], call: OutgoingCall): Promise<Map<string, KeyCaller>> {
    if (keys.length === 0) return new Map();
    const verdicts = [...(await this.finder.judge(keys, call))];
    const used = verdicts.flatMap(([, each]) => (each.accepted && each.holder.useIsDue ? [each.holder.keyId] : []));
    if (used.length > 0) await this.keys.touch(this.database, used);
    return new Map(
      verdicts.map(([key, verdict]) => [
        key,
        verdict.accepted ? keyCaller(verdict.holder) : { refusal: `api_key_${verdict.reason}` },
      ]),
    );
  }
}

/** The key stands in for a session: under its id the gateway remembers who calls. */
function keyCaller({ id, orgId, role, keyId, scopes, expiresAt, email, emailVerified }: ActiveHolder): KeyCaller {
  const caller: Caller = {
    type: 'user',
    id,
    orgId,
    role,
    sessionId: keyId,
    sessionKind: 'api_key',
    pathScopes: pathScopesOf(scopes),
    areaScopes: areaScopesOf(scopes),
    vaultIds: [],
    intentsEnabled: false,
    email,
    emailVerified,
  };
  return { caller, endsAt: expiresAt ?? undefined };
}
