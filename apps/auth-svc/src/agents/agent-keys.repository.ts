import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';

/** The agent that a key belongs to, as far as a token needs it. */
export interface KeyHolder {
  agentId: string;
  orgId: string;
  usable: boolean;
  /** Enrolled itself, and has had no token yet. */
  unused: boolean;
  credentialEpoch: number;
  scopes: string[];
  vaultIds: string[];
  intentsApiEnabled: boolean;
  tokenTtlSeconds: number | null;
}

export interface KeyLookup {
  /** Absent for text that cannot be a key. */
  mac: Buffer | undefined;
  /** The agent that the client says it is. */
  claimedId: string | undefined;
}

export interface KeyMatch {
  holder: KeyHolder | undefined;
  /** The org of the claimed agent, whether or not the key is its. */
  claimedOrgId: string | undefined;
}

interface Row extends Omit<KeyHolder, 'agentId'> {
  agentId: string | null;
  claimedOrgId: string | null;
}

const FIND = `
  SELECT a.id AS "agentId", a.org_id AS "orgId", a.credential_epoch AS "credentialEpoch", a.scopes, a.vault_ids AS "vaultIds",
         a.is_active AND coalesce(least(a.expires_at, a.unused_until) > clock_timestamp(), true) AS usable, a.unused_until IS NOT NULL AS unused,
         a.intents_api_enabled AS "intentsApiEnabled", a.token_ttl_seconds AS "tokenTtlSeconds",
         claimed.org_id AS "claimedOrgId"
    FROM unnest($1::bytea[], $2::uuid[]) WITH ORDINALITY AS wanted (mac, claimed_id, position)
    LEFT JOIN agents a ON a.api_key_mac = wanted.mac
    LEFT JOIN agents claimed ON claimed.id = wanted.claimed_id
   ORDER BY wanted.position`;

/** Rows that another exchange is touching right now are fresh already: skipping them avoids waits and deadlocks. */
const TOUCH = `
  UPDATE agents SET last_active_at = clock_timestamp()
   WHERE id IN (SELECT id FROM agents WHERE id = ANY($1::uuid[]) FOR NO KEY UPDATE SKIP LOCKED)`;

/** Agents by key. Spans orgs: a key is what an exchange begins with. The MAC's key is in the HSM, so the index leaks nothing. */
@Injectable()
export class AgentKeysRepository {
  /** In the order of the lookups. */
  async find(executor: Executor, lookups: readonly KeyLookup[]): Promise<KeyMatch[]> {
    const macs = lookups.map(({ mac }) => mac ?? null);
    const claimed = lookups.map(({ claimedId }) => claimedId ?? null);
    const rows = await query<Row>(executor, FIND, [macs, claimed], { prepare: 'find-agent-keys' });
    return rows.map(({ claimedOrgId, agentId, ...holder }) => ({
      holder: agentId === null ? undefined : { ...holder, agentId },
      claimedOrgId: claimedOrgId ?? undefined,
    }));
  }

  async touch(executor: Executor, agentIds: readonly string[]): Promise<void> {
    await execute(executor, TOUCH, [agentIds], { prepare: 'touch-agents' });
  }
}
