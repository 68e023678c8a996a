import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import { unauthenticated, unavailable } from '@oneclaw/errors';

/** One lock per org, shared by those who make something for it, held alone by whatever keeps them from it. */
const KEY = 'hashtextextended($1::text, 0)';

const STATE = `
  SELECT EXISTS (SELECT FROM deleted_orgs WHERE org_id = $1) AS ended,
         EXISTS (SELECT FROM org_holds WHERE org_id = $1 AND NOT released) AS held`;

const HAS_VAULTS = `
  SELECT EXISTS (SELECT FROM vaults WHERE org_id = $1 AND created_by_type = 'user' AND deleted_at IS NULL) AS "hasVaults"`;

/** One that was released stays so. */
const HOLD = `
  INSERT INTO org_holds AS h (id, org_id) VALUES ($2, $1)
  ON CONFLICT (id) DO UPDATE SET released = h.released RETURNING released`;

const RELEASE = `
  INSERT INTO org_holds (id, org_id, released) VALUES ($2, $1, true) ON CONFLICT (id) DO UPDATE SET released = true`;

/** By then no hold is on its way any more. */
const PRUNE = `DELETE FROM org_holds WHERE released AND created_at < now() - interval '1 day'`;

interface OrgState {
  ended: boolean;
  held: boolean;
}

/** Orgs that are no more, and those that are kept empty for a moment. All of it needs a transaction. */
@Injectable()
export class OrgLifeRepository {
  /**
   * Whatever could outlive an org asks here, in its transaction: neither ends nor is held what has been admitted. Throws `unauthenticated`
   * where the org is deleted, because whoever asks on its behalf has ended with it, and `unavailable` where it is held.
   */
  async admit(executor: Executor, orgId: string): Promise<void> {
    await query(executor, `SELECT pg_advisory_xact_lock_shared(${KEY})`, [orgId]);
    const { ended, held } = await this.stateOf(executor, orgId);
    if (ended) throw unauthenticated();
    if (held) throw unavailable('You are about to join another organisation. Log in again in a moment.');
  }

  /** For good. What was admitted before is visible to the statements that follow. */
  async end(executor: Executor, orgId: string): Promise<void> {
    await this.lock(executor, orgId);
    await execute(executor, 'INSERT INTO deleted_orgs (org_id) VALUES ($1) ON CONFLICT DO NOTHING', [orgId]);
    await execute(executor, 'DELETE FROM org_holds WHERE org_id = $1', [orgId]);
  }

  /** Admits nothing from the commit on, unless the org has vaults of people's making. Answers whether it has none. */
  async holdEmpty(executor: Executor, orgId: string, holdId: string): Promise<boolean> {
    await this.lock(executor, orgId);
    if ((await this.stateOf(executor, orgId)).ended) return true;
    if (await this.hasVaults(executor, orgId)) return false;
    const [hold] = await query<{ released: boolean }>(executor, HOLD, [orgId, holdId]);
    return hold?.released === false;
  }

  async release(executor: Executor, orgId: string, holdId: string): Promise<void> {
    await execute(executor, RELEASE, [orgId, holdId]);
    await execute(executor, PRUNE);
  }

  async hasVaults(executor: Executor, orgId: string): Promise<boolean> {
    const [found] = await query<{ hasVaults: boolean }>(executor, HAS_VAULTS, [orgId]);
    return found?.hasVaults === true;
  }

  private async lock(executor: Executor, orgId: string): Promise<void> {
    await query(executor, `SELECT pg_advisory_xact_lock(${KEY})`, [orgId]);
  }

  private async stateOf(executor: Executor, orgId: string): Promise<OrgState> {
    const [state] = await query<OrgState>(executor, STATE, [orgId]);
    return state as OrgState;
  }
}
