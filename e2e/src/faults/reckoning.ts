import type { Stack } from '@oneclaw/stack';
import { eventually } from '../eventually.js';
import type { AuditPage, Secret, SecretMetadata, Vault } from '../types.js';
import { asSuperuser } from './database.js';
import { chainsOf, faultsOf, type Chain, type StoredEvent } from './chain.js';
import type { Ledger, Operation } from './ledger.js';
import { PATHS, read, type Tenant } from './load.js';

const PRODUCERS = ['vault-svc', 'auth-svc'] as const;
/** NATS without its store is believed to have lost something only after it had time to deliver it. */
const SETTLING_MS = 45_000;

/**
 * Holds the system against the ledger, once it has recovered: every acknowledged write reads back byte for byte, nothing
 * refused took effect, what is unknown is all or nothing, every operation has its one audit event, every chain is whole.
 * Answers what is wrong.
 */
export async function reckon(stack: Stack, tenants: readonly Tenant[], ledger: Ledger): Promise<string[]> {
  const complaints: string[] = [];
  const done = new Set<string>();
  for (const tenant of tenants) {
    for (const path of PATHS) complaints.push(...(await reckonPath(ledger, tenant, path, done)));
    complaints.push(...(await reckonVaults(ledger, tenant, done)));
  }
  await drained(stack);
  const chains = await chainsOf(
    stack,
    tenants.map(({ owner }) => owner.orgId),
  );
  complaints.push(...chains.flatMap(faultsOf), ...reckonEvents(ledger, chains, done));
  for (const tenant of tenants) complaints.push(...(await reckonTrail(tenant, chains)));
  return [...complaints, ...ledger.complaints];
}

/** Every version is one of the ledger's writes, whole; every acknowledged write is the version that was promised. */
async function reckonPath(ledger: Ledger, tenant: Tenant, path: string, done: Set<string>): Promise<string[]> {
  const writes = ledger.operations.filter(
    (each) => each.action === 'secret.write' && each.vaultId === tenant.vault.id && each.path === path,
  );
  const complaints: string[] = [];
  const latest = await readNow(ledger, tenant, path);
  for (let version = 1; version <= (latest?.version ?? 0); version += 1) {
    const { value } = (await readNow(ledger, tenant, path, version)) as Secret;
    const source = writes.find((each) => each.value === value);
    if (!source) complaints.push(`${path}, version ${version}: nobody wrote ${value}`);
    else if (source.outcome === 'refused') complaints.push(`${describe(source)} took effect`);
    else if (done.has(source.requestId)) complaints.push(`${describe(source)} took effect twice`);
    else done.add(source.requestId);
    if (source?.outcome === 'ok' && promised(source) !== version)
      complaints.push(`${describe(source)} was promised as version ${promised(source)} and is ${version}`);
  }
  const lost = writes.filter(({ outcome, requestId }) => outcome === 'ok' && !done.has(requestId));
  return [...complaints, ...lost.map((each) => `${describe(each)} is lost`)];
}

async function readNow(ledger: Ledger, tenant: Tenant, path: string, version?: number): Promise<Secret | undefined> {
  const { answer } = await read(ledger, tenant, path, version);
  return answer?.status === 404 ? undefined : answer?.as<Secret>(200);
}

function promised({ answer }: Operation): number | undefined {
  return answer?.as<SecretMetadata>(201).version;
}

async function reckonVaults(ledger: Ledger, { owner }: Tenant, done: Set<string>): Promise<string[]> {
  const { vaults } = (await owner.api.get('/v1/vaults')).as<{ vaults: Vault[] }>(200);
  const own = ledger.operations.filter(({ orgId }) => orgId === owner.orgId);
  const complaints: string[] = [];
  const deleted = new Map(own.flatMap((each) => (each.action === 'vault.delete' ? [[each.vaultId, each]] : [])));
  for (const created of own.filter(({ action }) => action === 'vault.create')) {
    const found = vaults.filter(({ name }) => name === created.requestId).length;
    const id = created.outcome === 'ok' ? created.answer?.as<Vault>(201).id : undefined;
    const deletion = deleted.get(id);
    if (found === 1 || id !== undefined) done.add(created.requestId);
    if (found === 0 && deletion) done.add(deletion.requestId);
    const allowed = allowedCounts(created, deletion);
    if (!allowed.includes(found))
      complaints.push(`${describe(created)}, ${deletion ? describe(deletion) : 'kept'}: there ${found} times`);
  }
  return complaints;
}

/** How often a vault may be there, by what is known of its creation and its deletion. */
function allowedCounts(created: Operation, deletion: Operation | undefined): number[] {
  if (created.outcome === 'unknown') return [0, 1];
  if (created.outcome === 'refused' || deletion?.outcome === 'ok') return [0];
  return deletion?.outcome === 'unknown' ? [0, 1] : [1];
}

/**
 * Every operation has the event that its outcome asks for, and no second one.
 * @param done the changes of unknown outcome that took effect, by request id
 */
export function reckonEvents(ledger: Ledger, chains: readonly Chain[], done: ReadonlySet<string>): string[] {
  const events = new Map<string, StoredEvent[]>();
  for (const event of chains.flatMap((chain) => chain.events))
    events.set(event.requestId, [...(events.get(event.requestId) ?? []), event]);
  return ledger.operations.flatMap((operation) => {
    const own = events.get(operation.requestId) ?? [];
    const wrong = wrongEvents(operation, own, done.has(operation.requestId));
    const found = own.map(({ action, details }) => `${action} ${details}`).join(', ') || 'none';
    return wrong === undefined ? [] : [`${describe(operation)} ${wrong}; found: ${found}`];
  });
}

function wrongEvents(
  { action, outcome }: Operation,
  events: readonly StoredEvent[],
  took: boolean,
): string | undefined {
  const [granted, denied] = [false, true].map(
    (refusal) => events.filter((event) => event.action === action && isDenied(event) === refusal).length,
  );
  if (events.length > 1) return 'has several events';
  if (outcome === 'ok') return granted === 1 ? undefined : 'has no event';
  if (outcome === 'refused') return denied === 1 ? undefined : 'has no event of the refusal';
  const changes = action === 'secret.write' || action === 'vault.create' || action === 'vault.delete';
  if (changes && took !== (granted === 1)) return took ? 'took effect without an event' : 'has an event without effect';
  return undefined;
}

/** Refused, or failed: it did not happen. */
function isDenied({ details }: StoredEvent): boolean {
  return (JSON.parse(details) as { outcome?: string }).outcome !== undefined;
}

/** What the API shows of the trail is what lies in the database. */
async function reckonTrail({ owner }: Tenant, chains: readonly Chain[]): Promise<string[]> {
  const stored = chains.find(({ orgId }) => orgId === owner.orgId)?.events ?? [];
  const shown = new Set<string>();
  let next = '';
  do {
    const page = (await owner.api.get(`/v1/audit/events?limit=1000${next}`)).as<AuditPage>(200);
    for (const { id } of page.events) shown.add(id);
    next = page.next_cursor ? `&cursor=${page.next_cursor}` : '';
  } while (next !== '');
  const hidden = stored.filter(({ id }) => !shown.has(id));
  return hidden.map(({ id }) => `event ${id} of org ${owner.orgId} is in the chain and not in the listing`);
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
