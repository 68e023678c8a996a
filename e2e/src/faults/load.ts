import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Answer } from '../answer.js';
import type { Api, Headers } from '../client.js';
import { eventually } from '../eventually.js';
import { share, shareUrl, storeSecret } from '../shares.js';
import type { Policy, Vault } from '../types.js';
import { newAgent, newOwner, newVault, randomIp, secretUrl, type Owner, type WorkingAgent } from '../world.js';
import type { Action, Fleeting, Ledger, Operation } from './ledger.js';
import { newcomer, STEPS_OF_A_NEWCOMER } from './newcomers.js';

/** A person with a vault, and an agent that may use all of it; one secret that is shared, and one whose reads are counted. */
export interface Tenant {
  owner: Owner;
  vault: Vault;
  agent: WorkingAgent;
  shareId: string;
}

export interface LoadOptions {
  /** Operations under way at most. */
  workers?: number;
  /** Operations begun at most, per second. */
  perSecond?: number;
  /** Random bytes in each value. */
  valueBytes?: number;
  /** One after the other, others sign up and look around. */
  newcomers?: boolean;
}

export const PATHS = ['a', 'b/c', 'b/d', 'e/f/g'];
/** Its version has a limit, far away: what is counted towards it is exact. */
export const COUNTED = 'counted';
/** Counted requests that made a tenant: vault, agent, policy, two secrets, a share. */
export const REQUESTS_PER_TENANT = 6;
/** In every value, so that a log can be searched for all of them at once. */
export const CANARY = `canary-${randomBytes(12).toString('hex')}`;

const PROGRESS_MS = 30_000;
const TURN = 24;
/** Once so many have succeeded, whenever they began, all kinds of operations work. */
const ALL_KINDS = 2 * TURN;
const NEWCOMER_EVERY_MS = 500;
/** Of one after the other, so that each step was taken. */
const ALL_STEPS = 2 * STEPS_OF_A_NEWCOMER;

export async function newTenants(at: Api, count: number): Promise<Tenant[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const owner = await newOwner(at.from(randomIp()));
      const vault = await newVault(owner);
      const agent = await newAgent(owner, [{ vault, pattern: '**', permissions: ['read', 'write'] }]);
      const secretId = await storeSecret(owner, vault, 'shared', { value: CANARY });
      await storeSecret(owner, vault, COUNTED, { value: CANARY, max_access_count: 1_000_000 });
      return { owner, vault, agent, shareId: (await share(owner.api, secretId)).id };
    }),
  );
}

/** A mixed load with a ledger, until it is stopped; paced, so that a test costs what it has to. */
export class Load {
  private readonly finished: Promise<unknown>;
  private stopping = false;
  private count = 0;

  constructor(
    private readonly tenants: readonly Tenant[],
    private readonly ledger: Ledger,
    private readonly options: LoadOptions = {},
  ) {
    const workers = options.workers ?? 8;
    const periodMs = (1000 * workers) / (options.perSecond ?? 120);
    const work = Array.from({ length: workers }, () => this.work(periodMs));
    this.finished = Promise.all(options.newcomers ? [...work, this.welcome()] : work);
  }

  /** Resolves once so many more operations have succeeded: the system serves. */
  async acknowledged(count: number, withinMs = PROGRESS_MS): Promise<void> {
    await this.reaches(`${count} more operations succeed`, () => this.ledger.acknowledged, count, withinMs);
  }

  /** Resolves once so many more operations have failed: the fault is felt. */
  async failed(count: number): Promise<void> {
    await this.reaches(`${count} more operations fail`, () => this.ledger.unknown, count, PROGRESS_MS);
  }

  /** Resolves once so many more operations have begun. */
  async begun(count: number): Promise<void> {
    await this.reaches(`${count} more operations begin`, () => this.ledger.operations.length, count, PROGRESS_MS);
  }

  /**
   * Resolves once operations of all kinds succeed and none fails any more.
   * @param healedAt by performance.now()
   * @returns milliseconds from then until the first operation behind the last one that failed
   */
  async recovered(healedAt: number, withinMs: number): Promise<number> {
    const { value } = await eventually('all operations succeed', withinMs, async () => {
      const since = this.ledger.operations.filter(({ startedAt }) => startedAt >= healedAt);
      const good = since.slice(since.findLastIndex(({ outcome }) => outcome === 'unknown') + 1);
      const ended = good.filter(({ endedAt }) => endedAt !== undefined);
      const steps = ended.filter(({ action }) => action === 'newcomer').length;
      const enough = ended.length - steps >= ALL_KINDS && steps >= (this.options.newcomers ? ALL_STEPS : 0);
      return enough ? (good[0] as Operation).startedAt - healedAt : undefined;
    }).catch((error: Error) => {
      throw new Error(`${error.message}; last: ${this.last()}`, { cause: error });
    });
    return value;
  }

  /** Lets the operations under way end. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.finished;
  }

  private async reaches(what: string, measure: () => number, count: number, withinMs: number): Promise<void> {
    const goal = measure() + count;
    try {
      await eventually(what, withinMs, async () => (measure() >= goal ? true : undefined));
    } catch (error) {
      throw new Error(`${(error as Error).message}; last: ${this.last()}`, { cause: error });
    }
  }

  private async work(periodMs: number): Promise<void> {
    while (!this.stopping) {
      const next = performance.now() + periodMs;
      const count = this.count++;
      const tenant = this.tenants[count % this.tenants.length] as Tenant;
      await this.step(tenant, Math.floor(count / this.tenants.length));
      await pause(Math.max(0, next - performance.now()));
    }
  }

  private async welcome(): Promise<void> {
    const { owner } = this.tenants[0] as Tenant;
    while (!this.stopping) {
      const next = performance.now() + NEWCOMER_EVERY_MS;
      await newcomer(this.ledger, owner.api);
      await pause(Math.max(0, next - performance.now()));
    }
  }

  /** Every tenant gets the same mixture; all of it often enough that a fault meets each kind. */
  private async step(tenant: Tenant, turn: number): Promise<void> {
    const { ledger } = this;
    const path = PATHS[Math.floor(turn / TURN) % PATHS.length] as string;
    const kind = turn % TURN;
    if (kind < 6) await write(ledger, tenant, path, this.options.valueBytes);
    else if (kind < 13) await read(ledger, tenant, path);
    else if (kind < 14) await read(ledger, tenant, path, 1);
    else if (kind < 15) await read(ledger, tenant, COUNTED);
    else if (kind < 17) await list(ledger, tenant);
    else if (kind < 19) await logInAgain(ledger, tenant);
    else if (kind < 21) await openShare(ledger, tenant);
    else await comeAndGo(ledger, tenant, FLEETING_KINDS[kind - 21] as Fleeting);
  }

  private last(): string {
    const operation = this.ledger.operations.findLast(({ outcome }) => outcome !== undefined);
    return `${operation?.action} ${operation?.outcome} ${operation?.answer?.text ?? ''}`;
  }
}

export async function read(
  ledger: Ledger,
  { owner, vault }: Tenant,
  path: string,
  version?: number,
): Promise<Operation> {
  const url = secretUrl(vault, path) + (version === undefined ? '' : `?version=${version}`);
  return ledger.perform({ action: 'secret.read', orgId: owner.orgId, vaultId: vault.id, path, version }, (headers) =>
    owner.api.get(url, headers),
  );
}

export async function write(
  ledger: Ledger,
  { owner, agent, vault }: Tenant,
  path: string,
  bytes = 24,
): Promise<Operation> {
  const requestId = randomUUID();
  const value = newValue(requestId, bytes);
  const intent = { action: 'secret.write', orgId: owner.orgId, vaultId: vault.id, path, value } as const;
  return ledger.perform(intent, (headers) => agent.api.put(secretUrl(vault, path), { value }, headers), requestId);
}

/** Beyond ASCII, and not to be compressed. */
function newValue(requestId: string, bytes: number): string {
  return `${requestId} ${CANARY} ☃ ${randomBytes(bytes).toString('base64')}`;
}

export async function list(ledger: Ledger, { owner, vault }: Tenant): Promise<Operation> {
  return ledger.perform({ action: 'secret.list', orgId: owner.orgId, vaultId: vault.id }, (headers) =>
    owner.api.get(`/v1/vaults/${vault.id}/secrets`, headers),
  );
}

export async function logInAgain(ledger: Ledger, { owner, agent }: Tenant): Promise<Operation> {
  const credentials = { agent_id: agent.id, api_key: agent.apiKey };
  return ledger.perform({ action: 'auth.success', orgId: owner.orgId }, (headers) =>
    agent.api.as(undefined).post('/v1/auth/agent-token', credentials, headers),
  );
}

export async function openShare(ledger: Ledger, { owner, shareId }: Tenant): Promise<Operation> {
  return ledger.perform({ action: 'share.access', orgId: owner.orgId }, (headers) =>
    owner.api.as(undefined).get(shareUrl({ id: shareId }), headers),
  );
}

/** Where fleeting secrets are, and what fleeting policies grant. */
export const FLEETING_FOLDER = 'fleeting/';

interface Coming {
  created: Action;
  deleted: Action;
  create(tenant: Tenant, name: string, headers: Headers): Promise<Answer>;
  urlOf(tenant: Tenant, name: string, creation: Answer): string;
}

const FLEETING: Record<Fleeting, Coming> = {
  vault: {
    created: 'vault.create',
    deleted: 'vault.delete',
    create: ({ owner }, name, headers) => owner.api.post('/v1/vaults', { name }, headers),
    urlOf: (_tenant, _name, creation) => `/v1/vaults/${creation.as<Vault>(201).id}`,
  },
  policy: {
    created: 'policy.create',
    deleted: 'policy.delete',
    create: ({ owner, agent, vault }, name, headers) => {
      const grant = { principal_type: 'agent', principal_id: agent.id, permissions: ['read'] };
      const policy = { secret_path_pattern: FLEETING_FOLDER + name, ...grant };
      return owner.api.post(`/v1/vaults/${vault.id}/policies`, policy, headers);
    },
    urlOf: ({ vault }, _name, creation) => `/v1/vaults/${vault.id}/policies/${creation.as<Policy>(201).id}`,
  },
  secret: {
    created: 'secret.write',
    deleted: 'secret.delete',
    create: ({ owner, vault }, name, headers) =>
      owner.api.put(secretUrl(vault, FLEETING_FOLDER + name), { value: newValue(name, 24) }, headers),
    urlOf: ({ vault }, name) => secretUrl(vault, FLEETING_FOLDER + name),
  },
};
const FLEETING_KINDS = Object.keys(FLEETING) as Fleeting[];

/** Something that is deleted as soon as it is known to be there. Its name is the request id of its creation. */
async function comeAndGo(ledger: Ledger, tenant: Tenant, fleeting: Fleeting): Promise<void> {
  const { created, deleted, create, urlOf } = FLEETING[fleeting];
  const intent = { orgId: tenant.owner.orgId, fleeting };
  const name = randomUUID();
  const creation = await ledger.perform(
    { ...intent, action: created },
    (headers) => create(tenant, name, headers),
    name,
  );
  if (creation.outcome !== 'ok' || !creation.answer) return;
  const url = urlOf(tenant, name, creation.answer);
  await ledger.perform({ ...intent, action: deleted, created: name }, (headers) =>
    tenant.owner.api.delete(url, headers),
  );
}
