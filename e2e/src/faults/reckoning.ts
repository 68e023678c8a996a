import type { Stack } from '@oneclaw/stack';
import { eventually } from '../eventually.js';
import { countedRequests } from '../plans.js';
import { listed, type SharedSecret } from '../shares.js';
import type { AuditPage, Policy, Secret, SecretMetadata, SecretVersions, Vault } from '../types.js';
import { secretUrl } from '../world.js';
import { chainOf, type Chain, type ExportedEvent } from './chain.js';
import { asSuperuser } from './database.js';
import type { Action, Fleeting, Ledger, Operation } from './ledger.js';
import { COUNTED, FLEETING_FOLDER, PATHS, read, REQUESTS_PER_TENANT, type Tenant } from './load.js';

const PRODUCERS = ['vault-svc', 'auth-svc', 'billing-svc'] as const;
/** NATS without its store is believed to have lost something only after it had time to deliver it. */
const SETTLING_MS = 45_000;
/** A count that does not move for so long is the count. */
const STILL_MS = 500;

export interface ReckoningOptions {
  /**
   * What was counted against the ledger's requests. `lossy`: NATS lost its disk, or died together with the gateways, and what it had
   * not handed over is not counted (ADR 14). `shared`: the orgs had requests that are not in the ledger.
   */
  usage?: 'exact' | 'lossy' | 'shared';
  /** A right key may have been taken for a wrong one, as it is where the HSM answers a MAC wrongly: the refusal has an event of its own. */
  refusedLogins?: boolean;
}

/**
 * Holds the system against the ledger, once it has recovered: every acknowledged write reads back byte for byte, nothing
 * refused took effect, what is unknown is all or nothing, every operation has its one audit event, every chain is whole,
 * usage and access counts are the ledger's. Answers what is wrong.
 */
export async function reckon(
  stack: Stack,
  tenants: readonly Tenant[],
  ledger: Ledger,
  options: ReckoningOptions = {},
): Promise<string[]> {
  const complaints: string[] = [];
  const done = new Set<string>();
  const usage = await Promise.all(tenants.map((tenant) => reckonUsage(stack, ledger, tenant, options)));
  complaints.push(...usage.flat());
  for (const tenant of tenants) {
    for (const path of PATHS) complaints.push(...(await reckonPath(ledger, tenant, path, done)));
    complaints.push(...(await reckonFleeting(ledger, tenant, done)));
  }
  await drained(stack);
  const chains = await Promise.all(tenants.map(({ owner }) => chainOf(owner.orgId, owner.api)));
  for (const { orgId, broken } of chains) if (broken) complaints.push(`the chain of org ${orgId}: ${broken}`);
  complaints.push(...reckonEvents(ledger, chains, done, options));
  for (const [index, tenant] of tenants.entries()) {
    const { events } = chains[index] as Chain;
    complaints.push(...(await reckonTrail(tenant, events)), ...(await reckonAccesses(ledger, tenant, events)));
  }
  return [...complaints, ...ledger.complaints];
}

/** Requests that were answered count once each; of unknown ones, as many as had reached the gateway. */
async function reckonUsage(
  stack: Stack,
  ledger: Ledger,
  { owner }: Tenant,
  { usage = 'exact' }: ReckoningOptions,
): Promise<string[]> {
  // Logins are nobody's requests.
  const own = ledger.operations.filter(({ orgId, action }) => orgId === owner.orgId && action !== 'auth.success');
  const unknown = own.filter(({ outcome }) => outcome === 'unknown').length;
  const sent = REQUESTS_PER_TENANT + own.length;
  const most = usage === 'shared' ? Infinity : sent;
  const least = usage === 'lossy' ? 0 : sent - unknown;
  let counted = -1;
  let since = performance.now();
  await eventually('the usage stands still', SETTLING_MS, async () => {
    const now = await countedRequests(stack, owner.orgId);
    if (now !== counted) since = performance.now();
    counted = now;
    return counted >= least && performance.now() - since > STILL_MS ? true : undefined;
  }).catch(() => undefined);
  return counted >= least && counted <= most
    ? []
    : [`org ${owner.orgId} has ${counted} requests counted, where ${least} to ${most} are right`];
}

/**
 * Every version is one of the ledger's writes, whole; every acknowledged write is the version that was promised; every
 * read had the value of its version, and nothing older than what had been acknowledged before it.
 */
async function reckonPath(ledger: Ledger, tenant: Tenant, path: string, done: Set<string>): Promise<string[]> {
  const own = ledger.operations.filter(({ vaultId, path: at }) => vaultId === tenant.vault.id && at === path);
  const writes = own.filter(({ action }) => action === 'secret.write');
  const reads = own.filter(({ action, outcome }) => action === 'secret.read' && outcome === 'ok');
  const byValue = new Map(writes.map((each) => [each.value, each]));
  const values = new Map<number, string>();
  const complaints: string[] = [];
  const latest = await readNow(ledger, tenant, path);
  for (let version = 1; version <= (latest?.version ?? 0); version += 1) {
    const { value } = (await readNow(ledger, tenant, path, version)) as Secret;
    values.set(version, value);
    const source = byValue.get(value);
    if (!source) complaints.push(`${path}, version ${version}: nobody wrote ${value}`);
    else if (source.outcome === 'refused') complaints.push(`${describe(source)} took effect`);
    else if (done.has(source.requestId)) complaints.push(`${describe(source)} took effect twice`);
    else done.add(source.requestId);
    if (source?.outcome === 'ok' && promised(source) !== version)
      complaints.push(`${describe(source)} was promised as version ${promised(source)} and is ${version}`);
  }
  for (const each of reads) {
    const { value, version } = each.answer?.json as Secret;
    if (values.get(version) !== value) complaints.push(`${describe(each)} got ${value} as version ${version}`);
  }
  const lost = writes.filter(({ outcome, requestId }) => outcome === 'ok' && !done.has(requestId));
  return [...complaints, ...lost.map((each) => `${describe(each)} is lost`), ...staleReads(reads, writes)];
}

/** Reads without a version that answered an older one than had been acknowledged when they began. */
function staleReads(reads: readonly Operation[], writes: readonly Operation[]): string[] {
  const acknowledged = writes.filter(({ outcome }) => outcome === 'ok');
  const latest = reads.filter(({ version }) => version === undefined);
  return latest.flatMap((each) => {
    const { version } = each.answer?.json as Secret;
    const newer = acknowledged.find(
      (write) => (write.endedAt ?? 0) < each.startedAt && (promised(write) ?? 0) > version,
    );
    return newer ? [`${describe(each)} got version ${version} after ${promised(newer)} was acknowledged`] : [];
  });
}

async function readNow(ledger: Ledger, tenant: Tenant, path: string, version?: number): Promise<Secret | undefined> {
  const { answer } = await read(ledger, tenant, path, version);
  return answer?.status === 404 ? undefined : answer?.as<Secret>(200);
}

function promised({ answer }: Operation): number | undefined {
  return answer?.as<SecretMetadata>(201).version;
}

/** What came and went is there, or not, as far as that is known. */
async function reckonFleeting(ledger: Ledger, { owner, vault }: Tenant, done: Set<string>): Promise<string[]> {
  const base = `/v1/vaults/${vault.id}`;
  const [vaults, policies, secrets] = await Promise.all([
    owner.api.get('/v1/vaults').then((answer) => answer.as<{ vaults: Vault[] }>(200).vaults),
    owner.api.get(`${base}/policies`).then((answer) => answer.as<{ policies: Policy[] }>(200).policies),
    owner.api
      .get(`${base}/secrets?prefix=${encodeURIComponent(FLEETING_FOLDER)}`)
      .then((answer) => answer.as<{ secrets: SecretMetadata[] }>(200).secrets),
  ]);
  const names: Record<Fleeting, string[]> = {
    vault: vaults.map(({ name }) => name),
    policy: policies.map((policy) => policy.secret_path_pattern.replace(FLEETING_FOLDER, '')),
    secret: secrets.map(({ path }) => path.replace(FLEETING_FOLDER, '')),
  };
  const own = ledger.operations.filter(({ orgId, fleeting }) => orgId === owner.orgId && fleeting !== undefined);
  const deletions = new Map(own.map((each) => [each.created, each]));
  const complaints: string[] = [];
  for (const creation of own.filter(({ created }) => created === undefined)) {
    const found = names[creation.fleeting as Fleeting].filter((name) => name === creation.requestId).length;
    const deletion = deletions.get(creation.requestId);
    if (found === 1 || creation.outcome === 'ok') done.add(creation.requestId);
    if (found === 0 && deletion) done.add(deletion.requestId);
    const allowed = allowedCounts(creation, deletion);
    if (!allowed.includes(found))
      complaints.push(`${describe(creation)}, ${deletion ? describe(deletion) : 'kept'}: there ${found} times`);
  }
  return complaints;
}

/** How often something may be there, by what is known of its creation and its deletion. */
function allowedCounts(created: Operation, deletion: Operation | undefined): number[] {
  if (created.outcome === 'unknown') return [0, 1];
  if (created.outcome === 'refused' || deletion?.outcome === 'ok') return [0];
  return deletion?.outcome === 'unknown' ? [0, 1] : [1];
}

/**
 * Every operation has the event that its outcome asks for, and no second one.
 * @param done the changes of unknown outcome that took effect, by request id
 */
export function reckonEvents(
  ledger: Ledger,
  chains: readonly Chain[],
  done: ReadonlySet<string>,
  { refusedLogins = false }: ReckoningOptions = {},
): string[] {
  const events = new Map<string, ExportedEvent[]>();
  for (const event of chains.flatMap((chain) => chain.events))
    events.set(event.request_id, [...(events.get(event.request_id) ?? []), event]);
  const reckoned = ledger.operations.filter(({ action }) => action !== 'newcomer');
  return reckoned.flatMap((operation) => {
    const own = events.get(operation.requestId) ?? [];
    const refusal = refusedLogins && operation.action === 'auth.success' ? 'auth.failure' : operation.action;
    const wrong = wrongEvents(operation, own, done.has(operation.requestId), refusal);
    const found = own.map(({ action, details_json }) => `${action} ${details_json}`).join(', ') || 'none';
    return wrong === undefined ? [] : [`${describe(operation)} ${wrong}; found: ${found}`];
  });
}

const CHANGE = /\.(write|create|delete)$/;
/** What else an operation's success tells: a share reveals a secret. */
const ACCOMPANIED: Partial<Record<Action, Action>> = { 'share.access': 'secret.read' };

function wrongEvents(
  { action, outcome }: Operation,
  events: readonly ExportedEvent[],
  took: boolean,
  refusal: string,
): string | undefined {
  const count = (of: string, denied: boolean): number =>
    events.filter((event) => event.action === of && isDenied(event) === denied).length;
  const granted = count(action, false);
  const companion = ACCOMPANIED[action];
  const accompanied = companion !== undefined && granted === 1 && count(companion, false) === 1;
  if (events.length > (accompanied ? 2 : 1)) return 'has several events';
  if (granted === 1 && companion !== undefined && !accompanied) return `has no ${companion}`;
  if (outcome === 'ok') return granted === 1 ? undefined : 'has no event';
  if (outcome === 'refused') return count(refusal, true) === 1 ? undefined : 'has no event of the refusal';
  if (CHANGE.test(action) && took !== (granted === 1))
    return took ? 'took effect without an event' : 'has an event without effect';
  return undefined;
}

/** Refused, or failed: it did not happen. */
function isDenied({ details_json }: ExportedEvent): boolean {
  return (JSON.parse(details_json) as { outcome?: string }).outcome !== undefined;
}

/** What the API shows of the trail is what an auditor gets. */
async function reckonTrail({ owner }: Tenant, exported: readonly ExportedEvent[]): Promise<string[]> {
  const shown = new Set<string>();
  let next = '';
  do {
    const page = (await owner.api.get(`/v1/audit/events?limit=1000${next}`)).as<AuditPage>(200);
    for (const { id } of page.events) shown.add(id);
    next = page.next_cursor ? `&cursor=${page.next_cursor}` : '';
  } while (next !== '');
  const hidden = exported.filter(({ id }) => !shown.has(id));
  return hidden.map(({ id }) => `event ${id} of org ${owner.orgId} is in the chain and not in the listing`);
}

/** What was revealed under a count is counted, once each: by a share, and by a version with a limit. */
async function reckonAccesses(
  ledger: Ledger,
  { owner, vault, shareId }: Tenant,
  events: readonly ExportedEvent[],
): Promise<string[]> {
  const { versions } = (await owner.api.get(`${secretUrl(vault, COUNTED)}?versions=true`)).as<SecretVersions>(200);
  const shares = await listed(owner.api, 'outbound');
  const own = ledger.operations.filter(({ orgId }) => orgId === owner.orgId);
  const revealed = new Set(events.filter((event) => !isDenied(event)).map((event) => event.request_id));
  const opened = own.filter(({ action }) => action === 'share.access');
  const counts: [string, number | undefined, Operation[]][] = [
    ['the share', shares.find(({ id }) => id === shareId)?.access_count, opened],
    ['the counted version', versions[0]?.access_count, own.filter(({ path }) => path === COUNTED)],
  ];
  const wrong = counts.flatMap(([name, count, operations]) => {
    const right = operations.filter(({ requestId }) => revealed.has(requestId)).length;
    return count === right ? [] : [`${name} of org ${owner.orgId} counts ${count} accesses; the trail has ${right}`];
  });
  const numbers = opened.flatMap(({ outcome, answer }) =>
    outcome === 'ok' ? [(answer?.json as SharedSecret).access_count] : [],
  );
  if (new Set(numbers).size !== numbers.length) wrong.push(`two accesses of org ${owner.orgId} have one number`);
  return wrong;
}

/** Every event was committed by everyone who wants it, and confirmed: nothing more is to come. */
async function drained(stack: Stack): Promise<void> {
  for (const producer of PRODUCERS) {
    await asSuperuser(stack, producer, (client) =>
      eventually(`${producer} has handed over all its events`, SETTLING_MS, async () => {
        const { rows } = await client.query<{ kept: number }>(
          `SELECT ((SELECT count(*) FROM outbox)
                  + (SELECT count(*) FROM outbox_batch))::int AS kept`,
        );
        return rows[0]?.kept === 0 ? true : undefined;
      }),
    );
  }
}

function describe({ action, outcome, requestId }: Operation): string {
  return `${action} ${requestId} (${outcome})`;
}
