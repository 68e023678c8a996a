import { Injectable } from '@nestjs/common';
import type { Plan } from '@oneclaw/contracts/billing';
import { isDomainError, type DomainError } from '@oneclaw/errors';
import { OrgPlans, type OutgoingCall } from '@oneclaw/rpc';
import type { PlansByOrg } from './secret-limits.js';
import type { SecretWrite } from './secret-write.js';
import type { SecretMetadata } from './secret.entity.js';
import { VersionWriter } from './version-writer.js';

type Outcome = SecretMetadata | DomainError;
type Ask = (orgId: string, call: OutgoingCall) => Promise<Plan>;

/** Writes within the plans as they are known, and what those do not allow, within the plans as they are now. */
@Injectable()
export class PlannedWriter {
  constructor(
    private readonly plans: OrgPlans,
    private readonly writer: VersionWriter,
  ) {}

  /** In the order of the writes, which were permitted. Throws `DamagedKeks`. */
  async write(writes: readonly SecretWrite[]): Promise<Outcome[]> {
    const outcomes = await this.writer.write(
      writes,
      await plansOf(writes, (orgId, call) => this.plans.get(orgId, call)),
    );
    const beyond = writes.filter((_, index) => isDomainError(outcomes[index], 'resource_limit_exceeded'));
    if (beyond.length === 0) return outcomes;
    const current = await plansOf(beyond, (orgId, call) => this.plans.current(orgId, call));
    const again = (await this.writer.write(beyond, current)).values();
    return outcomes.map((outcome, index) => (beyond.includes(writes[index]!) ? again.next().value! : outcome));
  }
}

async function plansOf(writes: readonly SecretWrite[], ask: Ask): Promise<PlansByOrg> {
  const calls = new Map(
    writes.map(({ by, deadline }) => [by.caller.orgId, { requestId: by.requestId ?? '', deadline }]),
  );
  const plans = await Promise.all(
    [...calls].map(async ([orgId, call]) => [orgId, await ask(orgId, call).catch(failure)] as const),
  );
  return new Map(plans);
}

/** Only writes that would need the plan fail for want of it. */
function failure(error: unknown): DomainError {
  if (!isDomainError(error)) throw error;
  return error;
}
