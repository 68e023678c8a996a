import type { Caller } from '@oneclaw/caller';
import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import type { CredentialStore } from '../accounts/credential-stores.js';
import type { Decision, DeviceLogin, NewDeviceLogin, PolledLogin } from './device-login.entity.js';

const INSERT = `
  INSERT INTO device_logins (device_code_hash, user_code_hash, client_id, interval_seconds, expires_at)
  VALUES ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 second')`;

/** Clients wait for the interval between an answer and the next request; half a second is for clocks and networks. */
const EARLY = `(status = 'pending' AND polled_at > clock_timestamp() - (interval_seconds - 0.5) * interval '1 second')`;

/** On the right side of SET and in conditions stands what was before this poll. */
const POLL = `
  UPDATE device_logins
     SET polled_at = clock_timestamp(), early = coalesce(${EARLY}, false),
         interval_seconds = interval_seconds + CASE WHEN ${EARLY} THEN 5 ELSE 0 END
   WHERE device_code_hash = $1 AND redeemed_at IS NULL AND expires_at > clock_timestamp()
  RETURNING status, early,
            CASE WHEN status = 'approved' THEN
              json_build_object('userId', user_id, 'orgId', org_id, 'credentialEpoch', credential_epoch) END AS approval`;

/** Of parallel polls, one finds it unredeemed. */
const REDEEM = `
  UPDATE device_logins SET redeemed_at = clock_timestamp()
   WHERE device_code_hash = $1 AND status = 'approved' AND redeemed_at IS NULL AND expires_at > clock_timestamp()`;

const FIND = `
  SELECT client_id AS "clientId", expires_at AS "expiresAt",
         CASE WHEN status = 'pending' AND expires_at <= clock_timestamp() THEN 'expired' ELSE status END AS status
    FROM device_logins WHERE user_code_hash = $1`;

/** Of parallel decisions, the first one finds it pending. A session that is void by now decides nothing. */
const DECIDE = `
  UPDATE device_logins d SET status = $2, user_id = s.principal_id, org_id = s.org_id, credential_epoch = s.credential_epoch
    FROM sessions s
   WHERE d.user_code_hash = $1 AND d.status = 'pending' AND d.expires_at > clock_timestamp()
     AND s.id = $3 AND s.org_id = $4 AND s.principal_id = $5 AND s.principal_type = 'user' AND s.revoked_at IS NULL
  RETURNING d.client_id AS "clientId"`;

/** For a while people still learn that they came too late. */
const PRUNE = `DELETE FROM device_logins WHERE expires_at < clock_timestamp() - interval '1 hour'`;

/** Logins of devices by the hashes of their codes. Until somebody approves one it belongs to no org. */
@Injectable()
export class DeviceLoginsRepository implements CredentialStore {
  async insert(executor: Executor, login: NewDeviceLogin): Promise<void> {
    const { deviceCodeHash, userCodeHash, clientId, intervalSeconds, lifetimeSeconds } = login;
    await execute(executor, INSERT, [deviceCodeHash, userCodeHash, clientId, intervalSeconds, lifetimeSeconds]);
  }

  /** Notes the poll. `undefined` where there is nothing to wait for: unknown, expired, redeemed. */
  async poll(executor: Executor, deviceCodeHash: Buffer): Promise<PolledLogin | undefined> {
    const [login] = await query<PolledLogin>(executor, POLL, [deviceCodeHash], { prepare: 'poll-device-login' });
    return login;
  }

  /** False where somebody else was first. */
  async redeem(executor: Executor, deviceCodeHash: Buffer): Promise<boolean> {
    return (await execute(executor, REDEEM, [deviceCodeHash])) === 1;
  }

  async find(executor: Executor, userCodeHash: Buffer): Promise<DeviceLogin | undefined> {
    const [login] = await query<DeviceLogin>(executor, FIND, [userCodeHash]);
    return login;
  }

  /** Answers which client asked; `undefined` where there is nothing to decide, or the caller's session is void. */
  async decide(
    executor: Executor,
    { sessionId, orgId, id }: Caller,
    userCodeHash: Buffer,
    decision: Decision,
  ): Promise<string | undefined> {
    const values = [userCodeHash, decision, sessionId, orgId, id];
    const [row] = await query<{ clientId: string }>(executor, DECIDE, values);
    return row?.clientId;
  }

  /** Those that the user has approved and no device has fetched yet, too. */
  async removeAll(executor: Executor, orgId: string, userId: string): Promise<void> {
    await execute(executor, 'DELETE FROM device_logins WHERE org_id = $1 AND user_id = $2', [orgId, userId]);
  }

  async prune(executor: Executor): Promise<void> {
    await execute(executor, PRUNE);
  }
}
